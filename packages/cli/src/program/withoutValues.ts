/** A wrong name is repeated only next to a known one that it resembles; anything else might be a secret. */
const unknownName = (_: string, kind: string, name: string, suggestion: string | undefined): string =>
  suggestion === undefined ? `unknown ${kind}` : `unknown ${kind} '${name.replace(/=[^]*/, "")}'${suggestion}`

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
