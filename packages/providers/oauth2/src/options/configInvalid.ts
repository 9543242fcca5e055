import { TokenkeepError } from "@tokenkeep/core"

/** `CONFIG_INVALID` for an option: what is wrong with it, and what to write instead. */
export const configInvalid = (option: string, what: string, fix: string): TokenkeepError =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option }, { what: `The option ${option} ${what}.`, fix })
