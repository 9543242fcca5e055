import * as Effect from "effect/Effect"
import { hex } from "../credentials/hex.ts"

/** How many configured refresh tokens a record remembers. */
const remembered = 64

/** The digest of a configured refresh token. */
export const seedOf = (token: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`tokenkeep seed 1 ${token}`))
    return hex(digest).slice(0, 32)
  })

/** The seeds with one more: the oldest are forgotten. */
export const withSeeds = (seeds: ReadonlyArray<string> = [], seed: string | undefined): ReadonlyArray<string> =>
  seed === undefined || seeds.includes(seed) ? seeds : [...seeds, seed].slice(-remembered)
