import { fileURLToPath } from "node:url"
import { type LoadOptions, runLoad, tokenLifetime } from "../load.ts"
import { runGrants } from "../runGrants.ts"
import type { RivalName } from "./rivals.ts"
import { rivalUser } from "./rivalUser.ts"

/** What a client did during a run. */
export interface Outcome {
  readonly rotations: number
  readonly requests: number
  readonly failed: number
  readonly lost: number
  /** How many refresh tokens the server received more than once. */
  readonly sentTwice: number
  /** The promises of Tokenkeep that were broken, or the processes of a rival that crashed. */
  readonly broken: ReadonlyArray<string>
}

const source = fileURLToPath(new URL("./rivalMember.ts", import.meta.url))
/** How long the lock of a rival lasts, in milliseconds. */
const lock = 10_000

/** Puts a rival under the load that Tokenkeep gets. The tokens are in a Redis. */
export const runRival = async (rival: RivalName, options: LoadOptions): Promise<Outcome> => {
  const { crashes, failures, requests, user, uses } = await runLoad(options, {
    settle: lock + tokenLifetime,
    startUser: rivalUser,
    program: { source, options: { rival } }
  })
  const received = Map.groupBy(uses, ({ token }) => token)
  return {
    rotations: uses.filter(({ outcome }) => outcome === "exchanged").length,
    requests,
    failed: failures.length,
    lost: user.lost(),
    sentTwice: [...received.values()].filter(({ length }) => length > 1).length,
    broken: crashes
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Puts Tokenkeep under the same load. */
export const runTokenkeep = async (options: LoadOptions): Promise<Outcome> => {
  const { broken, failures, losses, requests, rotations, sentTwice } = await runGrants({ ...options, server: "strict" })
  return { rotations, requests, failed: sum(failures), lost: sum(losses), sentTwice, broken }
}
