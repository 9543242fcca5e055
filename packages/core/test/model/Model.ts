import type { AccessToken, AuthError, TokenStatus } from "../../src/index.ts"
import { type Expected, type Known, knownFrom } from "./Holding.ts"
import { makeLedger } from "./Ledger.ts"
import { lyingIn } from "./Lying.ts"
import { isLife, pollLimit } from "./Rules.ts"
import { witnessing } from "./Witnessing.ts"
import type { WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { WorldStorage } from "./WorldStorage.ts"

/**
 * TOK-3, TOK-10, STO-2: no renewal goes on for longer, in milliseconds, without that somebody else is elected: a lease,
 * an issue call, and every operation of the storage until it is given up.
 */
const longestFlight = 13_000 + 10_000 + 8 * 4_000

/**
 * The reference model: it sees what goes over the ports and what callers get, and says what the promises do not allow.
 * Where jitter decides, it allows either and goes on from what happened.
 */
export const makeModel = (clock: WorldClock, options: WorldOptions) => {
  const ages = new Map<string, Array<number>>()
  const ledger = makeLedger(clock, options)
  const { rests, ...witness } = witnessing(ledger, ages)
  const { claim, faults, held, reached, state, tokens } = ledger

  /** A command begins. */
  const begin = () => Object.assign(state, { io: 0, renewals: 0, window: "no", rejoin: "no" })

  /** What a hit has to do at this moment; it may begin a renewal before it returns. */
  const beforeHit = (): Expected => {
    const expected = held.expected(faults.rejoin())
    if (state.flight !== undefined) return expected
    if (state.window !== "must") state.window = expected.window
    if (state.rejoin !== "must") state.rejoin = expected.rejoin
    return expected
  }

  /** A hit, or the lack of one, that did not wait. */
  const hitGot = (result: AccessToken | undefined, expected: Expected) => {
    const token = held.current()
    if (result === undefined) {
      claim(expected.token !== "must", `TOK-1, TOK-5: ${token?.text} is good, and not returned`)
      if (token !== undefined) reached.add("an end")
      return held.drop()
    }
    if (state.flight !== undefined) reached.add("a hit during a renewal")
    claim(expected.token !== "no", `TOK-4, TOK-9: ${result.reveal()} is returned, refused or over`)
    claim(result.reveal() === token?.text && result.id === token.id, "TOK-4: another token than the current one")
    held.returned()
  }

  /** A caller who waited got this. */
  const waiterGot = (result: AccessToken | AuthError) => {
    const { flight } = state
    if ("code" in result) {
      const isSo = state.disposedAt === undefined ? ledger.isExplained(result.code) : result.code === "DISPOSED"
      claim(isSo, `TOK-7, RUN-2: a caller gets ${result.code} out of nothing`)
      const isOwn = state.disposedAt !== undefined || flight?.background === false
      return claim(isOwn, "TOK-5: a caller gets the failure of a background renewal")
    }
    const token = tokens.find(({ text }) => text === result.reveal())
    if (token === undefined) return claim(false, "TOK-4: a caller gets a token that nobody issued")
    claim(token.id === result.id, "TOK-4: a token has two ids")
    claim(!token.rejected, `TOK-4: a caller gets ${token.text}, which was refused`)
    const isNew = flight?.products.includes(token) === true
    claim(isNew || held.wasCurrent(token), `TOK-2: a caller gets ${token.text}, which is not the current one`)
    // What took its whole life to come is all there is.
    claim(isNew || !held.isOver(token), `TOK-9: a caller gets ${token.text}, which is over`)
    // Who waited may have got it with a hit after all.
    if (token === held.current()) held.returned()
  }

  /** A request was answered with 401. */
  const rejects = (token: Known, how: string) => {
    token.rejected = true
    if (token !== held.current()) return void reached.add("a straggler")
    const age = held.age(token)
    if (how === "expired" && isLife(age)) ages.set(token.key, [...(ages.get(token.key) ?? []), age])
    held.hold(undefined)
  }

  /** TOK-3: those who wait for a lease find what changed, as soon as they can. */
  const checkWaiting = (storage: WorldStorage) => {
    const { flight } = state
    if (flight?.awaited === undefined || !storage.worksWell() || storage.underway() > 0) return
    if (flight.faults.failed > 0) return
    const limit = pollLimit[options.watching]
    const name = storage.lastName()
    const free = storage.leases.free(name)
    const isTold = options.watching === "tells" && free?.released === true
    claim(
      free === undefined || clock.mono - free.since <= (isTold ? 0 : limit),
      "TOK-3: nobody has the lease, and whoever waits for it does not ask"
    )
    const token = lyingIn(name, storage.record(name))?.token
    const found = token && (tokens.find(({ id }) => id === token.id) ?? knownFrom(token, flight.key, clock))
    const isMissed = found !== undefined && held.isUseful(found, token!) === "must"
    const passed = clock.mono - Math.max(storage.putAt(name), storage.oddAt(), held.changedAt())
    // What became useful here, because the token that was held was refused, is told by nobody.
    const isToldOf =
      options.watching === "tells" && clock.mono - storage.oddAt() > limit && held.changedAt() <= storage.putAt(name)
    claim(!isMissed || passed <= (isToldOf ? 0 : limit), "TOK-3: the token that others renewed is not adopted")
  }

  const checkLease = ({ lease, state: what }: TokenStatus, storage: WorldStorage) => {
    const { awaited, term } = state.flight ?? {}
    const hasLease = term?.lease !== undefined && !term.lease.isReleased
    claim(!hasLease || lease.state === "held", "OBS-2: it has the lease, and the status does not say so")
    claim(
      lease.state !== "held" || term?.lease !== undefined,
      "OBS-2: the status tells of a lease that it does not have"
    )
    claim(
      lease.state !== "waiting" || lease.owner === awaited?.owner,
      "OBS-2: the status tells of a lease that nobody has"
    )
    claim(what === "renewing" || lease.state === "none", "OBS-2: a lease without a renewal")
    claim(what === "renewing" || storage.leases.kept() === 0, "TOK-3, STO-6: a lease is left behind")
    claim(what === "renewing" || storage.watchers() === 0, "RUN-2: the storage is watched for nothing")
  }

  /** What has to hold whenever everything is at rest. */
  const atRest = (status: TokenStatus, storage: WorldStorage) => {
    rests()
    held.rests()
    if (state.disposedAt !== undefined) return claim(status.state === "disposed", "OBS-2: disposed, and not so called")
    const isRenewing = status.state === "renewing"
    const { flight } = state
    claim(flight?.products.every(({ id }) => id !== undefined) !== false, "TOK-7: an issued token is not kept")
    claim(flight !== undefined || !isRenewing, "TOK-2: a renewal that did not read the key")
    claim(!isRenewing || clock.mono - (flight?.movedAt ?? 0) <= longestFlight, "TOK-10: a renewal without end")
    claim(isRenewing === clock.sleeping() > 0, "TOK-5, RUN-2: an idle timer, or a renewal that waits for nothing")
    claim(isRenewing || state.waiters === 0, "TOK-7: a caller waits for nothing")
    const isDue = state.window === "must" || state.rejoin === "must"
    claim(!isDue || state.renewals > 0, "TOK-5, STO-2: a hit at its time begins no renewal")
    checkLease(status, storage)
    if (isRenewing) checkWaiting(storage)
    else ledger.endFlight()
    const isDegraded = status.storage.state === "degraded"
    claim(isDegraded === faults.isDegraded(), "STO-2, OBS-2: the storage's state is not told")
    claim(status.token?.id === held.good()?.id, "OBS-2: the status tells of another token")
  }

  return {
    ...ledger,
    witness,
    begin,
    beforeHit,
    hitGot,
    waiterGot,
    rejects,
    atRest
  }
}
