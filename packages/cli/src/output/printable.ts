// What comes from outside must not move the cursor, change colours or hide text in a terminal.
// oxlint-disable-next-line eslint/no-control-regex -- control characters are what this is about
const controls = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g

const isLayout = (character: string) => character === "\n" || character === "\t"

/** The text on one line, with its control characters replaced. */
export const printable = (text: string): string => text.replaceAll(controls, "\ufffd")

/** The text with its control characters replaced, except line breaks and tabs. */
export const printableLines = (text: string): string =>
  text.replaceAll("\r", "").replaceAll(controls, (found) => (isLayout(found) ? found : "\ufffd"))

/** A JSON document whose control characters are all escaped: `JSON.stringify` leaves some that a terminal obeys. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replaceAll(controls, (found) =>
    isLayout(found) ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
