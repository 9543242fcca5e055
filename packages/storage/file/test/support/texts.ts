/** A text that any part of it tells from others, and whose length tells whether it is whole. */
export const longText = (fence: number, size: number): string => `${fence};`.repeat(size) + "end"
