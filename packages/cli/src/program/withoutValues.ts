/** The name of an option as people write it: a letter, or a few words in small letters. */
const optionName = /^(?:-[a-zA-Z]|--[a-z]{1,16}(?:-[a-z]{1,16}){0,2}(?=$|=))/

/** A wrong name is repeated if it looks like an option, or resembles a known name; anything else might be a secret. */
const unknownName = (_: string, kind: string, name: string, suggestion: string | undefined): string => {
  const [shown] = suggestion === undefined ? (optionName.exec(name) ?? []) : [name.replace(/=[^]*/, "")]
  return `unknown ${kind}${shown === undefined ? "" : ` '${shown}'${suggestion ?? ""}`}`
}

/**
 * The message of a wrong command line without the values in it: a secret may have been passed by mistake, and what a command
 * prints may be kept longer than what a terminal shows.
 */
export const withoutValues = (message: string): string =>
  message
    .replace(/^error: /, "tokenkeep: ")
    .replace(/(but got \d+): [^]*/, "$1.\n")
    .replace(/(option '[^']*') argument '[^]*' is invalid\./, "$1 has an invalid value.")
    .replace(/command-argument value '[^]*' is invalid for (argument '\w+')\./, "$1 is invalid.")
    .replace(/unknown (option|command) '([^]*)'(\n\(Did you mean [^]*)?$/m, unknownName)
