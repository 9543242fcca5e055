// Checked by the compiler: this package has the options and the functions of @tokenkeep/deeply, apart from those that
// need Effect.
import type { TokenkeepError as EffectError } from "@tokenkeep/core"
import type { CreateDeeplyOptions as EffectOptions, DeeplyClient as EffectClient } from "@tokenkeep/deeply"
import type { CreateOAuth2Options as EffectOAuth2Options } from "@tokenkeep/oauth2"
import type { CreateDeeplyOptions, DeeplyClient, TokenkeepError } from "tokenkeep"
import type { CreateOAuth2Options } from "tokenkeep/oauth2"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

export const names: {
  readonly options: Same<keyof CreateDeeplyOptions, keyof EffectOptions>
  readonly client: Same<keyof DeeplyClient, Exclude<keyof EffectClient, "run">>
  readonly oauth2: Same<keyof CreateOAuth2Options, keyof EffectOAuth2Options>
  readonly codes: Same<TokenkeepError["code"], EffectError["code"]>
} = { options: true, client: true, oauth2: true, codes: true }
