import {
  type Failure,
  type GrantMemberOptions,
  type JournalEntry,
  type Member,
  startFleet,
  startStorage,
  type StorageKind
} from "fleet"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type RefreshIssuer, secret, startRefreshIssuer, type TokenUse } from "oauth2-issuer"
import { seeded } from "../random.ts"
import { type GrantFault, type Injected, makeGrantFaults } from "./faults.ts"

/** The load that processes put on their grants, and the faults meanwhile. */
export interface LoadOptions {
  readonly on: StorageKind
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
export const tokenLifetime = 2_000

/** The deadline of a token request, in milliseconds. A lease lasts 2 s longer. */
export const deadline = 5_000

/** What is ready before the processes start. */
export interface Surroundings {
  readonly issuer: RefreshIssuer
  readonly client: GrantMemberOptions
  /** The id that the server gave to the current consent of each grant. */
  readonly consents: Map<string, string>
}

/** The user of each grant. */
export interface GrantUser extends AsyncDisposable {
  /** Checks that the grant works, and gives a new consent if it is over. */
  readonly check: (grant: string) => Promise<void>
}

/** What uses the grants. */
export interface Subject<User extends GrantUser> {
  readonly startUser: (surroundings: Surroundings) => User | Promise<User>
  /** How long an interrupted exchange takes until it is repeated, in milliseconds. */
  readonly settle: number
  /** How long the server accepts a refresh token after its first use, in milliseconds. */
  readonly grace?: number
  /** The program of each process, if it is not that of Tokenkeep, and the options that it gets besides. */
  readonly program?: { readonly source: string; readonly options: object }
}

/** What was recorded during a run. */
export interface RecordedLoad<User> {
  readonly user: User
  readonly uses: ReadonlyArray<TokenUse>
  readonly journal: ReadonlyArray<JournalEntry>
  readonly faults: ReadonlyArray<Injected>
  readonly failures: ReadonlyArray<Failure>
  readonly requests: number
  readonly crashes: ReadonlyArray<string>
}

const readJournal = (file: string): ReadonlyArray<JournalEntry> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JournalEntry)

const giveConsents = async (issuer: RefreshIssuer, count: number) => {
  const consents = new Map<string, string>()
  const grants: Record<string, string> = {}
  for (let index = 1; index <= count; index += 1) {
    const { grantId, refreshToken } = await issuer.consent(`grant-${index}`)
    consents.set(`grant-${index}`, grantId)
    grants[`grant-${index}`] = refreshToken
  }
  return { consents, grants }
}

/** Injects faults into processes that share refresh tokens and use them all the time. */
export const runLoad = async <User extends GrantUser>(
  options: LoadOptions,
  { grace = 0, program, settle, startUser }: Subject<User>
): Promise<RecordedLoad<User>> => {
  const random = seeded(options.seed)
  const between = (least: number, most: number) => least + (most - least) * random()
  const folder = mkdtempSync(join(tmpdir(), "tokenkeep-grants-"))
  const journal = join(folder, "journal.ndjson")
  writeFileSync(journal, "")
  await using storage = await startStorage(options.on, { isDurable: true, outageMillis: 2_000 })
  await using issuer = await startRefreshIssuer({ grace, latency: 100, lifetime: tokenLifetime / 1_000 })
  const { consents, grants } = await giveConsents(issuer, options.grants)
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
  await using user = await startUser({ issuer, client, consents })
  let onSending: (member: Member) => void = () => undefined
  await using fleet = await startFleet(
    options.processes,
    { ...client, ...program?.options },
    (event, _, grant) => {
      if (grant === undefined || event.type !== "renewal-failed") return
      if (event.code === "GRANT_LOST" || event.code === "GRANT_REJECTED") void user.check(grant)
    },
    (member) => onSending(member),
    program?.source
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
    await sleep(settle)
    await Promise.all(Object.keys(grants).map(user.check))
  }
  await fleet.stop()

  const entries = readJournal(journal)
  rmSync(folder, { recursive: true })
  return {
    user,
    uses: issuer.uses,
    journal: entries,
    faults: faults.injected,
    failures: fleet.failures(),
    requests: fleet.requests(),
    crashes: fleet.crashes
  }
}
