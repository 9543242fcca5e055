/** A text whose start and length show whether a read record is complete. */
export const longText = (fence: number, size: number): string => `${fence};`.repeat(size) + "end"
