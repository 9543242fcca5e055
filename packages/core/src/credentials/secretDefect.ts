/** The longest secret accepted, in bytes: servers refuse longer header lines anyway. */
const maxSecretBytes = 8 * 1024

/**
 * Describes why a secret cannot be sent in an `Authorization` header, without quoting it; `undefined` if it can.
 */
export const secretDefect = (text: string): string | undefined => {
  // A provider may return any JSON value, whatever its types say.
  if (typeof text !== "string") return "is not a string"
  if (text === "") return "is empty"
  if (text.length > maxSecretBytes) return `is longer than ${maxSecretBytes} bytes`
  if (text.trim() === "") return "is blank"
  // eslint-disable-next-line no-control-regex -- finds control characters
  if (/[\u0000-\u001f\u007f]/.test(text)) return "contains a control character (a line break, a tab or NUL)"
  if (text.includes(" ")) return "contains a space"
  if (!/^[\u0021-\u007e]+$/.test(text)) return "contains a character outside ASCII"
  return undefined
}
