import {
  type GrantMemberOptions,
  type JournalEntry,
  type Member,
  startStorage,
  startFleet,
  type StorageKind
} from "fleet"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { secret, startRefreshIssuer } from "oauth2-issuer"
import { seeded } from "../random.ts"
import { type Findings, findingsOf } from "./findings.ts"
import { type GrantFault, makeGrantFaults } from "./faults.ts"
import { recovery } from "./recovery.ts"

/** Strict: a refresh token that is used twice revokes the consent. Grace: for a while, each use gives another one. */
export const servers = ["strict", "grace"] as const

export interface GrantOptions {
  readonly on: StorageKind
  readonly server: (typeof servers)[number]
  readonly seed: number
  readonly seconds: number
  readonly processes: number
  readonly grants: number
  readonly faults: ReadonlyArray<GrantFault>
  readonly freezeMillis: readonly [least: number, most: number]
  /** Milliseconds between two faults, on average. */
  readonly every: number
}

/** How long an access token lasts, in milliseconds. */
const tokenLifetime = 2_000
/** The deadline of a token request, in milliseconds; a lease lasts 2 s longer. */
const deadline = 5_000
const lease = deadline + 2_000
/** How many faults in a row one exchange can have, with a server that has a grace period. */
const faultsInARow = 9

/** The grace period that the decision record asks for: (faults + 1) × (lease + longest freeze). */
const graceOf = ({ freezeMillis, server }: GrantOptions): number =>
  server === "grace" ? (faultsInARow + 1) * (lease + freezeMillis[1]) : 0

const readJournal = (file: string): ReadonlyArray<JournalEntry> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JournalEntry)

/** What a run did, and which promises it found broken. */
export interface GrantResult extends Findings {
  readonly grace: number
}

/** Injects faults into processes that share refresh tokens and use them all the time, and checks what became of each. */
export const runGrants = async (options: GrantOptions): Promise<GrantResult> => {
  const random = seeded(options.seed)
  const between = (least: number, most: number) => least + (most - least) * random()
  const grace = graceOf(options)
  const folder = mkdtempSync(join(tmpdir(), "tokenkeep-grants-"))
  const journal = join(folder, "journal.ndjson")
  writeFileSync(journal, "")
  await using storage = await startStorage(options.on, { isDurable: true, outageMillis: 2_000 })
  await using issuer = await startRefreshIssuer({ grace, latency: 100, lifetime: tokenLifetime / 1_000 })

  const consents = new Map<string, string>()
  const grants: Record<string, string> = {}
  for (let index = 1; index <= options.grants; index += 1) {
    const { grantId, refreshToken } = await issuer.consent(`grant-${index}`)
    consents.set(`grant-${index}`, grantId)
    grants[`grant-${index}`] = refreshToken
  }
  const client: GrantMemberOptions = {
    storageUrl: storage.url,
    issuer: issuer.issuer,
    api: issuer.api,
    clientSecret: secret,
    encryptionKey: "correct horse battery staple 2f6c1d8e7b3a",
    grants,
    journal,
    callers: 1,
    deadline,
    pause: 400,
    ...(grace === 0 ? undefined : { grace })
  }
  await using user = recovery(issuer, client, consents)
  let onSending: (member: Member) => void = () => undefined
  await using fleet = await startFleet(
    options.processes,
    client,
    (event, _, grant) => {
      if (grant === undefined || event.type !== "renewal-failed") return
      if (event.code === "GRANT_LOST" || event.code === "GRANT_REJECTED") void user.check(grant)
    },
    (member) => onSending(member)
  )
  const nextTarget = () => {
    const { promise, resolve } = Promise.withResolvers<Member | undefined>()
    onSending = resolve
    return Promise.race([promise, sleep(tokenLifetime, undefined)])
  }
  const faults = makeGrantFaults({
    kinds: options.faults,
    storage,
    loseNextResponse: () => issuer.loseNextResponses(1),
    fleet,
    between,
    freezeMillis: options.freezeMillis,
    nextTarget
  })
  await faults.injectFor(options.seconds * 1_000, options.every)
  if (options.faults.length > 0) {
    // Exchanges that were interrupted get the time after which they are taken over.
    await sleep(lease + tokenLifetime)
    await Promise.all(Object.keys(grants).map(user.check))
  }
  await fleet.stop()

  const findings = findingsOf({
    isStrict: options.server === "strict",
    hasFaults: options.faults.length > 0,
    grants: options.grants,
    uses: issuer.uses,
    journal: readJournal(journal),
    faults: faults.injected,
    losses: user.losses,
    failures: fleet.failures(),
    requests: fleet.requests(),
    crashes: fleet.crashes,
    faultsInARow,
    tokenLifetime
  })
  rmSync(folder, { recursive: true })
  return { ...findings, grace }
}
