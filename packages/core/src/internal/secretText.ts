/** The longest secret accepted, in bytes: servers refuse longer header lines anyway. */
const maxSecretBytes = 8 * 1024

/**
 * Says what makes a text unfit to travel in an `Authorization` header, or nothing when it is fit (SEC-2).
 * The answer never quotes the text.
 */
export const secretDefect = (text: string): string | undefined => {
  // A provider may pass on what a JSON body held, whatever its types say.
  if (typeof text !== "string") return "is not a string"
  if (text === "") return "is empty"
  if (text.length > maxSecretBytes) return `is longer than ${maxSecretBytes} bytes`
  if (text.trim() === "") return "is blank"
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return "contains a control character (a line break, a tab or NUL)"
  if (text.includes(" ")) return "contains a space"
  if (!/^[\u0021-\u007e]+$/.test(text)) return "contains a character outside ASCII"
  return undefined
}
