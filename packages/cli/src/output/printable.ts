// What a server sends must not move the cursor, change colours or hide text in a terminal.
// oxlint-disable-next-line eslint/no-control-regex -- control characters are what this is about
const controls = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text on one line, with its control characters replaced. */
export const printable = (text: string): string => text.replaceAll(controls, "\ufffd")
