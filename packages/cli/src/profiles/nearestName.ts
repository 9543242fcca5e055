import { checkOptions, isTokenkeepError } from "@tokenkeep/core"

/** The known name that is most like a wrong one, by the rule of the library's own options. */
export const nearestName = (wrong: string, known: ReadonlyArray<string>): string | undefined => {
  try {
    checkOptions({ [wrong]: true }, {}, undefined, known)
  } catch (error) {
    if (isTokenkeepError(error)) return /Did you mean (.*)\? /.exec(error.message)?.[1]
  }
  return undefined
}
