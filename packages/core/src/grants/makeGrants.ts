import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { ApiKey } from "../credentials/ApiKey.ts"
import type { CredentialTerms } from "../credentials/CredentialTerms.ts"
import { grantName } from "../credentials/recordName.ts"
import { randomId } from "../credentials/randomId.ts"
import { optionalSource } from "../credentials/Credentials.ts"
import { disposedError } from "../errors/disposed.ts"
import { checked } from "../errors/optionChecks.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { Provider, type ProviderGrant } from "../ports/Provider.ts"
import { timeoutAwake } from "../runtime/awakeTimer.ts"
import { clocks } from "../runtime/clocks.ts"
import { LeaseLost, type OwnLease } from "../storage/lease.ts"
import type { Stores } from "../storage/stores.ts"
import { unavailable } from "../token-request/tokenRequestErrors.ts"
import type { IssuedToken, TokenRequester } from "../token-request/tokenRequester.ts"
import { exchangePutOff, grantMissing, grantOver } from "./grantErrors.ts"
import type { GrantRecord } from "./grantRecord.ts"
import { type Credential, type ExchangeFailure, type Grants, unusableGrants } from "./Grants.ts"
import type { GrantStatus } from "./GrantStatus.ts"
import { storageParts } from "./storageParts.ts"
import { grantStore } from "./grantStore.ts"
import { LookAgain } from "./GrantUse.ts"
import { intentUse, type IntentUse, type OwnIntent, settleTime } from "./intentUse.ts"
import { seedOf, withSeeds } from "./seeds.ts"
import { recentSecrets } from "./recentSecrets.ts"
import { makeSettleExchange } from "./settleExchange.ts"
import { takeOver } from "./takeOver.ts"

/** How long this client awaits its own response before it sends the refresh token again, in milliseconds. */
const longestResponse = 5 * 60_000

type Outcome = Deferred.Deferred<IssuedToken, ExchangeFailure>

const terms: CredentialTerms = { noun: "refresh token", option: "grant.refreshToken" }

/** Whether the token endpoint rejected it: only a new consent helps. */
const isOver = ({ state }: GrantRecord): boolean => state === "rejected" || state === "lost"

/**
 * Shares one refresh token, which each use replaces, between clients. Before it is sent, the intent is written; after it
 * was sent, no client sends it again until the time of the intent is over. Read the functions below from the last one up.
 */
export const makeGrants = Effect.fnUntraced(function* (dependencies: {
  readonly base: URL
  readonly settings: ProviderGrant
  readonly stores: Stores
  readonly requester: TokenRequester
  readonly owner: string
  /** The deadline of the token request, in milliseconds. */
  readonly deadline: number
  readonly keepTrying: () => boolean
  /** How long the current access token is still good, in milliseconds. */
  readonly tokenLasts: () => number
}): Effect.fn.Return<Grants, never, Provider> {
  const { base, deadline, keepTrying, owner, requester, settings, stores, tokenLasts } = dependencies
  const provider = yield* Provider
  const { mono, wall } = yield* clocks
  const name = grantName(provider, base)
  const parts = yield* Effect.result(checked(() => storageParts(settings, stores)))
  if (parts._tag === "Failure") return unusableGrants(name, parts.failure)
  const { exclusive, lease } = parts.success
  const [retried, once] = exclusive
  const { arePartlyIn, remember } = recentSecrets()
  const store = grantStore(retried, settings.id, stores.seals, remember)
  const configured = Effect.tap(optionalSource(settings.refreshToken, "refresh-token", terms), (token) =>
    Effect.sync(() => token && remember(token.reveal()))
  )
  const context = yield* Effect.context()
  const closing = Deferred.makeUnsafe<void>()
  const inFlight = new Set<Fiber.Fiber<unknown, unknown>>()
  let last: GrantRecord | undefined
  /** The version of this client's last intent, if its refresh token was not sent. */
  let unsent: string | undefined
  /** The exchange whose response this client awaits. */
  let underWay: { readonly version: string; readonly since: number; readonly outcome: Outcome } | undefined

  const note = (record: GrantRecord) => {
    last = record
  }

  /** Runs work that goes on when the caller no longer waits for it. */
  const run = <A, E>(work: Effect.Effect<A, E>, own: Context.Context<never> = context): void => {
    const fiber = Effect.runForkWith(own)(work)
    inFlight.add(fiber)
    fiber.addObserver(() => inFlight.delete(fiber))
  }

  const { isForgiven, isPutOff, timeLeft, waitFor } = takeOver({ grace: settings.grace, mono, wall, tokenLasts })

  const { putBack, settle, verdictOn } = makeSettleExchange({
    id: settings.id,
    store: grantStore(once, settings.id, stores.seals, remember),
    lease,
    wall,
    run,
    keepTrying,
    note,
    isUnderWay: (record) => record.state === "exchanging" && timeLeft(record) > 0
  })

  const newGrant = (token: string, seed: string, seeds: ReadonlyArray<string> = []): GrantRecord => ({
    version: randomId(),
    grant: randomId(),
    generation: 0,
    refreshToken: Redacted.make(token),
    state: "ok",
    owner,
    at: wall(),
    millis: 0,
    seeds: withSeeds(seeds, seed)
  })

  /** The newer record that this client has seen, if the storage has forgotten it. */
  const forgottenBy = (loaded: GrantRecord | undefined): GrantRecord | undefined => {
    const isOlder = loaded === undefined || (loaded.grant === last?.grant && loaded.generation < last.generation)
    return isOlder ? last : undefined
  }

  /** The record to renew with. A configured refresh token that was never seen is a new consent. */
  const loadOrSeed = Effect.fnUntraced(function* (stored: string) {
    // First: the storage's error may quote it.
    const source = yield* Effect.result(configured)
    const loaded = yield* store.load(stored)
    const newer = forgottenBy(loaded)
    if (newer !== undefined) {
      // The refresh token of an older record, or the configured one, was used.
      yield* store.replace(stored, { ...newer, version: randomId() }, loaded?.version)
      return yield* new LookAgain({ millis: 0 })
    }
    if (source._tag === "Failure" && loaded === undefined) return yield* source.failure
    const token = source._tag === "Success" ? source.success?.reveal() : undefined
    if (token === undefined) return loaded ?? (yield* grantMissing(settings.id))
    const seed = yield* seedOf(token)
    if (loaded?.seeds.includes(seed) === true) return loaded
    // The stored access token is of the consent before.
    yield* stores.remove(stored)
    const record = newGrant(token, seed, loaded?.seeds)
    if (!(yield* store.replace(stored, record, loaded?.version))) return yield* new LookAgain({ millis: 0 })
    return record
  })

  const currentRecord = Effect.fnUntraced(function* (stored: string) {
    const loaded = yield* loadOrSeed(stored)
    const record = verdictOn(loaded) ?? loaded
    note(record)
    return record
  })

  /** Its own response that is late, on a server where asking again would end the grant: it contains the next one. */
  const lateResponse = (record: GrantRecord): Outcome | undefined =>
    underWay?.version === record.version && !isForgiven(record) && mono() - underWay.since < longestResponse
      ? underWay.outcome
      : undefined

  /** Why no access token can be requested now. */
  const obstacle = (record: GrantRecord): TokenkeepError | undefined => {
    if (isOver(record)) return grantOver(settings.id, record)
    if (record.state !== "exchanging" || record.version === unsent || lateResponse(record) !== undefined)
      return undefined
    // It fails, and does not wait: a timer would keep the process alive until then.
    return isPutOff(record) ? exchangePutOff(settings.id) : undefined
  }

  const check: Grants["check"] = Effect.gen(function* () {
    const stored = yield* name
    for (;;) {
      const result = yield* Effect.result(currentRecord(stored))
      if (result._tag === "Success") return obstacle(result.success)
      if (result.failure._tag !== "LookAgain") return yield* result.failure
    }
  })

  const usable = Effect.fnUntraced(function* (record: GrantRecord) {
    if (isOver(record)) return yield* grantOver(settings.id, record)
    if (record.state === "exchanging" && record.version !== unsent) {
      const millis = waitFor(record)
      if (millis > 0) return yield* new LookAgain({ millis })
    }
    return record
  })

  /** Writes that this client is about to send the refresh token. Until that is certain, it sends nothing. */
  const writeIntent = Effect.fnUntraced(function* (
    stored: string,
    record: GrantRecord,
    { fence, owner: own }: OwnLease
  ) {
    // Other clients may see the intent long before its write returns here.
    const began = { mono: mono(), wall: wall() }
    const isTakenOver = record.state === "exchanging" && record.version !== unsent
    const intent: GrantRecord = {
      ...record,
      version: randomId(),
      state: "exchanging",
      owner: own,
      at: began.wall,
      millis: deadline + settleTime,
      interrupted: record.interrupted ?? (isTakenOver ? { owner: record.owner, at: record.at } : undefined),
      repeats: isTakenOver
        ? { times: (record.repeats?.times ?? 0) + 1, since: record.repeats?.since ?? record.at }
        : undefined
    }
    unsent = intent.version
    if (!(yield* store.replace(stored, intent, record.version, fence))) return yield* new LeaseLost()
    note(intent)
    return { intent, began } satisfies OwnIntent
  })

  const useOf = (stored: string, own: OwnIntent) =>
    intentUse(own, {
      deadline,
      keepTrying,
      mono,
      wall,
      settle: (exchanged) => settle(stored, own.intent, exchanged),
      onSent: (isSent) => {
        unsent = isSent ? undefined : own.intent.version
      }
    })

  const inTime = (outcome: Outcome) =>
    timeoutAwake(Deferred.await(outcome), deadline, () =>
      unavailable(`The token endpoint did not respond within ${deadline} ms.`)
    )

  /** Ends an exchange of a client that is being disposed, if its refresh token was not sent. */
  const endedUnsent = ({ isSent }: IntentUse) =>
    Effect.andThen(
      Deferred.await(closing),
      Effect.suspend(() => (isSent() ? Effect.never : Effect.fail(disposedError())))
    )

  /** Sends the refresh token. The response is awaited even if the caller no longer waits for it. */
  const send = Effect.fnUntraced(function* (
    stored: string,
    credential: Credential,
    own: OwnIntent,
    claim: Effect.Effect<number, LeaseLost>
  ) {
    const use = useOf(stored, own)
    let tries = 0
    // The first one was claimed before the intent was written.
    const claimAgain = Effect.suspend(() => (tries++ === 0 ? Effect.succeed(0) : claim))
    const outcome: Outcome = Deferred.makeUnsafe()
    underWay = { version: own.intent.version, since: own.began.mono, outcome }
    run(
      Effect.gen(function* () {
        const request = requester.requestToken({ ...credential, claim: claimAgain, grant: use }, keepTrying)
        const exit = yield* Effect.exit(Effect.raceFirst(request, endedUnsent(use)))
        if (Exit.isFailure(exit) && use.isKept()) yield* putBack(stored, own.intent)
        if (underWay?.outcome === outcome) underWay = undefined
        yield* Deferred.done(outcome, exit)
      }),
      // Its spans belong to the renewal.
      yield* Effect.context()
    )
    return outcome
  })

  const exchange: Grants["exchange"] = Effect.fnUntraced(function* (credential, owned, claim) {
    // A storage without leases was refused above.
    if (owned === undefined) return yield* new LeaseLost()
    const stored = yield* name
    const loaded = yield* currentRecord(stored)
    const late = lateResponse(loaded)
    if (late !== undefined) return yield* inTime(late)
    const record = yield* usable(loaded)
    const wait = yield* claim
    if (wait > 0) return yield* requester.limited(wait)
    // An intent that was written is used, or undone: dispose, which interrupts the renewal, must not leave it behind.
    return yield* Effect.uninterruptibleMask((restore) =>
      writeIntent(stored, record, owned).pipe(
        Effect.flatMap((own) => send(stored, credential, own, claim)),
        Effect.flatMap((outcome) => restore(inTime(outcome)))
      )
    )
  })

  /** The configured refresh token must not replace the new one, even if no record says that it was seen. */
  const configuredSeed = Effect.gen(function* () {
    const source = yield* Effect.result(configured)
    return source._tag === "Success" && source.success !== undefined
      ? yield* seedOf(source.success.reveal())
      : undefined
  })

  // Without the lease: an exchange that is under way finds another grant, and drops its result.
  const replace: Grants["replace"] = Effect.fnUntraced(function* (refreshToken) {
    const stored = yield* name
    const token = yield* checked(() => ApiKey.make(refreshToken, { name: "refresh-token", noun: terms.noun }).reveal())
    remember(token)
    const seed = yield* seedOf(token)
    for (;;) {
      // One that is damaged is replaced as well.
      const found = yield* store.loadAny(stored)
      const { record } = found ?? {}
      // It was put in place before, and is used by now: sending it again would end the consent.
      if (record?.seeds.includes(seed) === true) {
        note(record)
        return isOver(record) ? yield* grantOver(settings.id, record) : undefined
      }
      yield* stores.remove(stored)
      const next = newGrant(token, seed, withSeeds(record?.seeds, yield* configuredSeed))
      if (yield* store.replace(stored, next, found?.version)) return note(next)
    }
  })

  const status = (): GrantStatus | undefined =>
    last && {
      id: settings.id,
      state: last.state,
      generation: last.generation,
      since: last.at,
      ...(last.expiresAt === undefined ? undefined : { refreshTokenExpiresAt: last.expiresAt })
    }

  /** A response that was awaited may leave a save that is retried. */
  const ended = Effect.gen(function* () {
    while (inFlight.size > 0) yield* Fiber.awaitAll([...inFlight])
  })

  const close = Effect.gen(function* () {
    yield* Deferred.succeed(closing, undefined)
    yield* Effect.timeoutOption(ended, deadline)
    for (const fiber of inFlight) fiber.interruptUnsafe()
  })

  const isIdle = () => inFlight.size === 0

  return { check, exchange, replace, status, isIdle, close, name, holdsSecret: arePartlyIn }
})
