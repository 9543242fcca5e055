import { AccessToken } from "../AccessToken.ts"
import { isProbe, learn, lifetimeOf, type Observations, type RenewalSettings } from "../RenewalPolicy.ts"
import type { Issued } from "./issuer.ts"

/**
 * What refusals taught of how long tokens live, by credential (TOK-6).
 *
 * @param capacity How many credentials are remembered: while one key is refused and the next serves, both are asked in
 *   turn (KEY-3).
 */
export const learnedLives = (capacity: number, renewal: RenewalSettings) => {
  const learned = new Map<string, Observations>()
  let observations: Observations = {}
  let credential = ""
  let longest = Infinity
  let issuedCount = 0

  const remember = () => {
    learned.delete(credential)
    learned.set(credential, observations)
    const [oldest] = learned.keys()
    if (learned.size > capacity && oldest !== undefined) learned.delete(oldest)
  }

  return {
    observations: () => observations,
    /** What refusals taught belongs to one credential; what another process learned counts as well. */
    recall: (name: string, found: Observations | undefined) => {
      const own = learned.get(name)
      credential = name
      observations = { last: own?.last ?? found?.last, estimate: own?.estimate ?? found?.estimate }
      const ages = [own?.last, own?.estimate, found?.last, found?.estimate]
      longest = Math.min(...ages.map((age) => age ?? Infinity))
      remember()
    },
    /** The youngest age at which anybody who shares the credential saw a token end, in milliseconds; else `Infinity`. */
    longest: () => longest,
    /** An "expired" refusal at this age, in milliseconds, teaches how long tokens live. */
    learnFrom: (age: number) => {
      observations = learn(observations, age)
      remember()
    },
    tokenOf: ({ declared, jwt, sentAt, value }: Issued): AccessToken => {
      const hints = { declared, jwt, observed: observations.estimate, assumed: renewal.assumedLifetime }
      const { life, source } = lifetimeOf(hints)
      issuedCount += 1
      // Now and then a learned life is put to the test: the token ends by itself, and its age is learned anew.
      const isOpen = life === undefined || (source === "observed" && isProbe(issuedCount))
      return AccessToken.make(value, {
        issuedAt: sentAt,
        expiresAt: isOpen ? undefined : sentAt + life,
        lifetimeSource: source
      })
    }
  }
}
