import { AccessToken } from "../credentials/AccessToken.ts"
import { boundedMap } from "../runtime/boundedMap.ts"
import type { IssuedToken } from "../token-request/tokenRequester.ts"
import { isProbe, learn, lifetimeOf, type Observations, type RenewalSettings } from "./RenewalPolicy.ts"

/**
 * How long tokens live, learned from "expired" rejections, by credential.
 *
 * @param capacity How many credentials are remembered: while one key is rejected and the next is used, both take turns.
 */
export const learnedLifetimes = (
  capacity: number,
  renewal: RenewalSettings,
  remembered?: Map<string, Observations>
) => {
  const learned = boundedMap(capacity, remembered)
  let observations: Observations = {}
  let credential = ""
  let longest = Infinity
  let issuedCount = 0

  return {
    observations: () => observations,
    /** Switches to a credential, and adds what another process learned about it. */
    load: (name: string, found: Observations | undefined) => {
      const own = learned.get(name)
      credential = name
      observations = { last: own?.last ?? found?.last, estimate: own?.estimate ?? found?.estimate }
      const ages = [own?.last, own?.estimate, found?.last, found?.estimate]
      longest = Math.min(...ages.map((age) => age ?? Infinity))
      learned.set(credential, observations)
    },
    /** The lowest age at which a token of this credential was seen to expire, in milliseconds; else `Infinity`. */
    longest: () => longest,
    /** Learns from an "expired" rejection at this age, in milliseconds. */
    learnFrom: (age: number) => {
      observations = learn(observations, age)
      learned.set(credential, observations)
    },
    tokenFrom: ({ declared, jwt, reveal, sentAt }: IssuedToken): AccessToken => {
      const hints = { declared, jwt, observed: observations.estimate, assumed: renewal.assumedLifetime }
      const { lifetime, source } = lifetimeOf(hints)
      issuedCount += 1
      // Now and then a token of a learned lifetime is left to expire, so that the lifetime is learned again.
      const isOpen = lifetime === undefined || (source === "observed" && isProbe(issuedCount))
      return AccessToken.make(reveal(), {
        issuedAt: sentAt,
        expiresAt: isOpen ? undefined : sentAt + lifetime,
        lifetimeSource: source
      })
    }
  }
}
