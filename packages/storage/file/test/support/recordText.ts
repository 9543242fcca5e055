/** A text whose start and length show whether a read record is complete. */
export const longText = (fence: number, size: number): string => `${fence};`.repeat(size) + "end"

/** How often each worker changed a record. */
export const countsOf = (text = "{}"): Readonly<Record<string, number>> => JSON.parse(text) as Record<string, number>
