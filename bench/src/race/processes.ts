import { grantFaults, type GrantFault } from "../grants/faults.ts"
import { type RivalName, rivals } from "../grants/rivals/rivals.ts"
import { runRival, runTokenkeep } from "../grants/rivals/runRival.ts"
import { measureSharing, ownCommands } from "../sharing.ts"
import type { Table } from "./Table.ts"

type Rows = Record<string, Record<string, ReadonlyArray<number>>>

/** One Redis, or one directory, and more and more processes that share a token on it. */
export const sharing = async (sizes: ReadonlyArray<number>, rounds: number, hasRedis: boolean): Promise<Table> => {
  const rows: Rows = {}
  for (const size of sizes) {
    for (const kind of hasRedis ? (["redis", "file"] as const) : (["file"] as const)) {
      if (kind === "file" && size > 8) continue
      const { adoption, failed, redis, tokenRequests } = await measureSharing(kind, size, rounds)
      rows[`${size} on ${kind}`] = {
        "token requests": [tokenRequests],
        "failed requests": [failed],
        ...(adoption === undefined ? {} : { "adopted after, ms": [adoption.p50], "99 % after, ms": [adoption.p99] }),
        ...(redis === undefined
          ? {}
          : {
              "commands per renewal": [redis.commands],
              // The others wait for the process that requests the token.
              "… of a process that waits": size > 1 ? [(redis.commands - ownCommands) / (size - 1)] : []
            })
      }
    }
  }
  return {
    title: "Processes that share a token",
    note: `The token expires ${rounds} times, and counts are of all these renewals. Each process has 10 callers. A process adopts a token when it uses the one that another process has fetched. Commands are the scripts and subscriptions that all processes send to the Redis for one renewal.`,
    rows
  }
}

/** How 8 processes replace refresh tokens that work once, while requests, responses and processes fail. */
export const rotation = async (seconds: number): Promise<Table> => {
  const rows: Rows = {}
  const faults = Object.keys(grantFaults) as ReadonlyArray<GrantFault>
  const options = {
    on: "redis" as const,
    seed: 1,
    seconds,
    processes: 8,
    grants: 8,
    faults,
    freezeMillis: [1_500, 8_000] as const,
    every: 500
  }
  for (const name of ["tokenkeep", ...(Object.keys(rivals) as ReadonlyArray<RivalName>)] as const) {
    const outcome = await (name === "tokenkeep" ? runTokenkeep(options) : runRival(name, options))
    rows[name] = {
      "grants lost": [outcome.lost],
      "tokens sent twice": [outcome.sentTwice],
      rotations: [outcome.rotations],
      requests: [outcome.requests],
      "failed requests": [outcome.failed]
    }
  }
  return {
    title: "Refresh tokens that work once, shared by 8 processes",
    note: `${seconds} s of \`npx -y pnpm@12 grants:rivals --faults all\`: 8 grants on a Redis, with processes that crash and freeze, and requests and responses that get lost. The server revokes a grant if its refresh token arrives twice, so every library loses some when a response is lost. If a grant is lost, its user has to sign in again.`,
    rows
  }
}
