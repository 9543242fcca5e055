import { ApiKey, tokenkeepErrorOf } from "@tokenkeep/core"
import { pageOf } from "../output/pageOf.ts"
import { forCommandLine } from "../profiles/forCommandLine.ts"
import { chosenProfile, type Profile } from "../profiles/Profile.ts"
import { secretSource } from "../secrets/secretSource.ts"
import { secretOrigin } from "../secrets/secretOrigin.ts"
import { failed, ok, type Verdict } from "./Finding.ts"

/** The verdict on a typed error, which has its own fix and page. */
export const verdictOn = (error: unknown): Verdict => {
  const known = tokenkeepErrorOf(error)
  if (known === undefined) throw error
  const { fix, what } = forCommandLine(chosenProfile(), known)
  return { state: "failed", what: `${known.code}: ${what}`, fix, page: pageOf(known.docs) }
}

const valueOf = async (profile: Profile): Promise<string | undefined> => {
  const { settings } = profile
  const places =
    settings.type === "deeply"
      ? { reference: settings.apiKey, variable: "DEEPLY_API_KEY" }
      : { reference: settings.client.secret }
  const read = await secretSource({ ...places, profile })
  return read()
}

/** Whether the secret is there, and can be one; it does not say that the server accepts it. */
export const checkSecret = async (profile: Profile): Promise<Verdict> => {
  try {
    const { from, kind } = await secretOrigin(profile)
    if (kind === "none") return ok("the profile needs no secret")
    if (kind === "private key") {
      return from === undefined
        ? failed(
            "secret",
            "There is no private key.",
            "Set the variable or write the file that client.privateKey names."
          )
        : ok(`private key, from ${from}`)
    }
    const value = await valueOf(profile)
    if (value === undefined) {
      return failed(
        "secret",
        `There is no ${kind}.`,
        "Set the variable or write the file that the configuration names."
      )
    }
    ApiKey.make(value, { name: from, noun: kind })
    return ok(`${kind}, from ${from}`)
  } catch (error) {
    return verdictOn(error)
  }
}
