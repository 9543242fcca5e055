import type { AccessToken, TokenkeepError, TokenStatus } from "../../src/index.ts"
import { type Expected, type KnownToken, tokenFrom } from "./CurrentToken.ts"
import { makeModelState } from "./ModelState.ts"
import { fieldsIn } from "./RecordFields.ts"
import { isLifetime, pollLimit } from "./Rules.ts"
import { observePorts } from "./PortObserver.ts"
import type { WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { WorldStorage } from "./WorldStorage.ts"

/**
 * TOK-3, TOK-10, STO-2: the longest time of a renewal under one lease, in milliseconds: a lease, a token request, and
 * every storage operation until it times out.
 */
const longestRenewal = 13_000 + 10_000 + 8 * 4_000

/**
 * The reference model. It observes the ports and what callers get, and reports what the guarantees do not allow. Where
 * jitter decides, it allows both outcomes and continues with the one that happened.
 */
export const makeModel = (clock: WorldClock, options: WorldOptions) => {
  const ages = new Map<string, Array<number>>()
  const model = makeModelState(clock, options)
  const { settles, ...observer } = observePorts(model, ages)
  const { claim, faults, currentToken, probe, probes, reached, state, tokens } = model

  /** A command begins. */
  const begin = () => Object.assign(state, { io: 0, renewals: 0, probes: 0, window: "no", probe: "no" })

  /** What a request must do now; it may start a renewal before it returns. */
  const beforeRequest = (): Expected => {
    const expected = currentToken.expected(probe())
    state.isSynchronous = true
    if (state.renewal !== undefined) return expected
    if (state.window !== "must") state.window = expected.window
    if (state.probe !== "must" && expected.probe !== "no") state.probe = expected.probe
    return expected
  }

  /** The result of a request that did not wait, or that has to wait. */
  const requestGot = (result: AccessToken | undefined, expected: Expected) => {
    const token = currentToken.current()
    if (result === undefined) {
      claim(expected.token !== "must", `TOK-1, TOK-5: ${token?.text} is good, and not returned`)
      if (token !== undefined) reached.add("a token that expires")
      return currentToken.expire()
    }
    if (state.renewal !== undefined) reached.add("a request on the cached token during a renewal")
    claim(expected.token !== "no", `TOK-4, TOK-9: ${result.reveal()} is returned, rejected or expired`)
    claim(result.reveal() === token?.text && result.id === token.id, "TOK-4: another token than the current one")
    currentToken.returned()
  }

  /** The result of a caller that waited. */
  const callerGot = (result: AccessToken | TokenkeepError) => {
    const { renewal } = state
    if ("code" in result) {
      const holds = state.disposedAt === undefined ? model.explains(result.code) : result.code === "DISPOSED"
      claim(holds, `TOK-7, RUN-2: a caller gets ${result.code} without a cause`)
      const isOwn = state.disposedAt !== undefined || renewal?.background === false
      return claim(isOwn, "TOK-5: a caller gets the failure of a background renewal")
    }
    const token = tokens.find(({ text }) => text === result.reveal())
    if (token === undefined) return claim(false, "TOK-4: a caller gets a token that was never issued")
    claim(token.id === result.id, "TOK-4: a token has two ids")
    claim(!token.rejected, `TOK-4: a caller gets ${token.text}, which was rejected`)
    const isNew = renewal?.tokens.includes(token) === true
    claim(isNew || currentToken.wasCurrent(token), `TOK-2: a caller gets ${token.text}, which is not the current one`)
    // A token that took its whole lifetime to arrive is used all the same.
    claim(isNew || !currentToken.isExpired(token), `TOK-9: a caller gets ${token.text}, which has expired`)
    // The caller may have used the cached token after all.
    if (token === currentToken.current()) currentToken.returned()
  }

  /** A request got a 401. */
  const rejects = (token: KnownToken, how: string) => {
    token.rejected = true
    if (token !== currentToken.current()) return void reached.add("a late rejection of an older token")
    const age = currentToken.age(token)
    if (how === "expired" && isLifetime(age)) ages.set(token.key, [...(ages.get(token.key) ?? []), age])
    currentToken.setCurrent(undefined)
  }

  /** TOK-3: clients that wait for a lease find changes as soon as they can. */
  const checkWaiting = (storage: WorldStorage) => {
    const { renewal } = state
    if (renewal?.awaited === undefined || !storage.worksWell() || storage.pending() > 0) return
    if (renewal.faults.failed > 0) return
    const limit = pollLimit[options.watching]
    const name = storage.lastName()
    const free = storage.leases.free(name)
    const isReported = options.watching === "reports" && free?.released === true
    claim(
      free === undefined || clock.mono - free.since <= (isReported ? 0 : limit),
      "TOK-3: the lease is free, and a waiting client does not ask for it"
    )
    const token = fieldsIn(name, storage.record(name))?.token
    const found = token && (tokens.find(({ id }) => id === token.id) ?? tokenFrom(token, renewal.key, clock))
    const isMissed = found !== undefined && currentToken.isUseful(found, token!) === "must"
    const passed = clock.mono - Math.max(storage.putAt(name), storage.failedAt(), currentToken.changedAt())
    // The storage does not report a stored token that became useful because the current one was rejected.
    const isSaveReported =
      options.watching === "reports" &&
      clock.mono - storage.failedAt() > limit &&
      currentToken.changedAt() <= storage.putAt(name)
    claim(
      !isMissed || passed <= (isSaveReported ? 0 : limit),
      "TOK-3: the token that another client renewed is not adopted"
    )
  }

  const checkLease = ({ lease, state: what }: TokenStatus, storage: WorldStorage) => {
    const { awaited, attempt } = state.renewal ?? {}
    const hasLease = attempt?.lease !== undefined && !attempt.lease.isReleased
    claim(!hasLease || lease.state === "held", "OBS-2: the client owns the lease, and the status does not show it")
    claim(
      lease.state !== "held" || attempt?.lease !== undefined,
      "OBS-2: the status shows a lease that the client does not own"
    )
    claim(lease.state !== "waiting" || lease.owner === awaited?.owner, "OBS-2: the status shows a wrong lease owner")
    claim(what === "renewing" || lease.state === "none", "OBS-2: a lease without a renewal")
    claim(what === "renewing" || storage.leases.unreleased() === 0, "TOK-3, STO-6: a lease is not released")
    claim(what === "renewing" || storage.watchers() === 0, "RUN-2: the storage is watched without need")
  }

  /** What must hold whenever everything is at rest. */
  const atRest = (status: TokenStatus, storage: WorldStorage) => {
    settles()
    currentToken.settles()
    probes.settles(faults.isDegraded())
    if (state.disposedAt !== undefined)
      return claim(status.state === "disposed", "OBS-2: the status does not show that the client is disposed")
    const isRenewing = status.state === "renewing"
    const { renewal } = state
    claim(renewal?.tokens.every(({ id }) => id !== undefined) !== false, "TOK-7: an issued token is lost")
    claim(renewal !== undefined || !isRenewing, "TOK-2: a renewal that did not read the key")
    claim(!isRenewing || clock.mono - (renewal?.movedAt ?? 0) <= longestRenewal, "TOK-10: a renewal that does not end")
    claim(
      (isRenewing || probes.isUnderway()) === clock.sleeping() > 0,
      "TOK-5, RUN-2: an idle timer, or a renewal that waits for nothing"
    )
    claim(isRenewing || state.waiters === 0, "TOK-7: a caller waits without a renewal")
    claim(state.window !== "must" || state.renewals > 0, "TOK-5: a request in the window starts no renewal")
    claim(state.probe !== "must" || state.probes > 0, "STO-2: a request starts no probe of the storage when it is due")
    checkLease(status, storage)
    if (isRenewing) checkWaiting(storage)
    else model.endRenewal()
    const isDegraded = status.storage.state === "degraded"
    claim(isDegraded === faults.isDegraded(), "STO-2, OBS-2: the status does not show the state of the storage")
    claim(status.token?.id === currentToken.good()?.id, "OBS-2: the status shows another token")
  }

  return {
    ...model,
    observer,
    begin,
    beforeRequest,
    requestGot,
    callerGot,
    rejects,
    atRest
  }
}
