import { invalidOption } from "../errors/optionChecks.ts"

/** The longest id of a client, in characters. */
const longest = 256

/** Checks the id of a client; throws `CONFIG_INVALID`. */
export const checkId = (id: unknown): string => {
  if (typeof id === "string" && id !== "" && id.length <= longest) return id
  throw invalidOption(
    "id",
    typeof id === "string" && id !== "" ? `is longer than ${longest} characters` : "is not a string, or is empty",
    "Pass what identifies the customer, such as a number or a name as a string."
  )
}
