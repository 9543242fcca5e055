import type { TokenEvent, TokenStatus } from "../../src/index.ts"
import type { KnownToken } from "./CurrentToken.ts"
import { type Renewal, type ModelState, newAttempt } from "./ModelState.ts"
import { isLifetime, longestLease, learnable } from "./Rules.ts"
import { observeStorage } from "./StorageObserver.ts"
import type { SentTokenRequest, Observer } from "./World.ts"

/** Observes the ports and the token events, and compares them with the guarantees. */
export const observePorts = (model: ModelState, ages: ReadonlyMap<string, ReadonlyArray<number>>) => {
  const { budget, claim, clock, faults, currentToken, log, options, reached, rejections, state, tokens } = model
  const pending = new Set<SentTokenRequest>()
  const { applySharedRejection, of } = observeStorage(model)

  const noteIo = (what: string) => {
    applySharedRejection()
    state.io += 1
    log.push(what)
  }

  /** TOK-6, TOK-9: a token's lifetime is the declared one, else a learned one, else unknown. */
  const learnLifetime = (token: KnownToken, { expiresAt, issuedAt }: NonNullable<TokenStatus["token"]>) => {
    const shown = expiresAt === undefined ? undefined : expiresAt - issuedAt
    if (isLifetime(token.lifetime))
      return claim(shown === token.lifetime, `TOK-6: ${token.text} lives ${shown} ms, not as declared`)
    token.lifetime = shown
    if (shown === undefined) return
    reached.add("a learned lifetime")
    claim(
      learnable(ages.get(token.key) ?? []).includes(shown),
      `TOK-6: nothing explains that ${token.text} lives ${shown} ms`
    )
  }

  const issued = (renewal: Renewal | undefined, tokenId: string, { token }: TokenStatus) => {
    const newToken = renewal?.tokens.at(-1)
    if (newToken === undefined) return claim(false, "OBS-1: an issued event without a token of the issuer")
    newToken.id = tokenId
    if (token?.id === tokenId) learnLifetime(newToken, token)
    // A token that took its whole lifetime to arrive is not shown.
    else if (!isLifetime(newToken.lifetime)) newToken.lifetime = learnable(ages.get(newToken.key) ?? []).at(-1)
    if (state.disposedAt === undefined) currentToken.setCurrent(newToken)
  }

  const adopted = (renewal: Renewal | undefined, tokenId: string) => {
    state.sharedRejection = undefined
    claim(renewal?.found?.id === tokenId, "OBS-1: an adopted token that the storage did not have")
    if (renewal?.found === undefined) return
    claim(renewal.usefulness !== "no", `TOK-4, TOK-9: ${renewal.found.text} is adopted, rejected or expired`)
    if (renewal.tokens.length > 0) reached.add("another client's token in place of the own one")
    renewal.tokens.push(renewal.found)
    renewal.sharedFailure = undefined
    // Its age by the monotonic clock is known only from now on.
    tokens.push(renewal.found)
    if (state.disposedAt === undefined) currentToken.setCurrent(renewal.found)
  }

  const waited = (renewal: Renewal | undefined, owner: string, millis: number) => {
    const { awaited } = renewal ?? {}
    claim(awaited?.owner === owner, "OBS-1: a wait for a lease that was not taken")
    claim(Math.abs(clock.mono - (awaited?.first ?? 0) - millis) <= 1, "OBS-1: a wrong duration of a wait for a lease")
    if (renewal === undefined) return
    renewal.isStuck = clock.mono - (awaited?.since ?? Infinity) >= longestLease
    renewal.awaited = undefined
  }

  const observed = (event: TokenEvent, status: () => TokenStatus) => {
    reached.add(event.type)
    if (event.type !== "adopted") applySharedRejection()
    const { renewal } = state
    switch (event.type) {
      case "renewal-started":
        if (renewal !== undefined) renewal.started = event.reason
        return
      case "issued":
        return issued(renewal, event.tokenId, status())
      case "adopted":
        return adopted(renewal, event.tokenId)
      case "lease-waited":
        return waited(renewal, event.owner, event.waitedMillis)
      case "renewal-failed":
        if (renewal !== undefined) renewal.hasFailed = true
        claim(model.explains(event.code), `TOK-7: ${event.code} without a cause`)
        // The process's own budget was used before the shared one was checked.
        if (event.code === "TOKEN_REQUEST_LIMITED" && budget.canTake(clock.mono)) budget.take(clock.mono)
        return
      case "key-rejected":
        return claim(
          event.retryAt === rejections.retryAt(renewal?.key ?? ""),
          "KEY-2: retryAt is not when the rejection ends"
        )
      case "token-request-limited":
        return claim(model.isBudgetExceeded(), "TOK-8: the budget is not exceeded")
      case "storage-degraded":
        return faults.degraded(renewal)
      case "storage-recovered":
        return faults.recovered(renewal)
    }
  }

  /**
   * TOK-3: the lease owner loaded the record again and claimed the request, while no other client can own the lease.
   */
  const checkLeaseOwner = (renewal: Renewal) => {
    const { attempt } = renewal
    if (attempt?.lease === undefined || attempt.lease.isReleased) {
      // After it released its lease, a client continues without the storage if that fails.
      if (attempt?.lease !== undefined)
        Object.assign(renewal, { attempt: newAttempt(attempt.place), issuingSince: undefined })
      budget.take(clock.mono)
      const needsNoLease = !options.acquireLease && attempt?.place !== "fallback"
      return claim(needsNoLease || faults.allowsNoLease(renewal), "TOK-3: a token request without the lease")
    }
    budget.use(clock.mono)
    claim(attempt.hasLoaded || renewal.faults.failed > 0, "TOK-3: the lease owner does not load the record again")
    claim(!attempt.lease.isLost, "TOK-3: a token request after the lease was lost")
    claim(attempt.claims === attempt.calls + 1, "TOK-8: a token request that was not taken from the shared budget")
  }

  /** TOK-10: an attempt has a number of tries; with another lease, they start again. */
  const countTry = (renewal: Renewal) => {
    const attempt = (renewal.attempt ??= newAttempt("primary"))
    attempt.calls += 1
    if (attempt.calls > 1) reached.add("a retry")
    claim(attempt.calls <= 3, "TOK-10: more than three tries")
    renewal.issuingSince ??= clock.mono
  }

  const requestSent = (request: SentTokenRequest) => {
    noteIo(`token request ${request.number} is sent with key ${request.key}`)
    const { renewal } = state
    claim(pending.size === 0, "TOK-2: two token requests at once")
    claim(state.disposedAt === undefined, "RUN-2: a token request after dispose")
    claim(budget.left(clock.mono) > 1 - 1e-6, "TOK-8: more token requests than the budget allows")
    pending.add(request)
    budget.send(clock.mono)
    if (renewal === undefined) return claim(false, "TOK-2: a token request outside of a renewal")
    const isActive = rejections.active(request.key) !== undefined && rejections.last(request.key) !== renewal.lapsed
    claim(!isActive, "KEY-2: a token request during an active rejection")
    claim(request.key === renewal.key, "KEY-3: a token request with another key than the source's")
    claim(renewal.usefulness !== "must", "TOK-2, TOK-3: a token request although the storage has a good token")
    claim(renewal.sharedFailure?.isSure !== true, "TOK-7: a token request although the lease owner shared a failure")
    checkLeaseOwner(renewal)
    countTry(renewal)
    renewal.outcome = "stay open"
  }

  return {
    storage: of,
    keyRead: (key) => {
      noteIo(`reads the key: ${key}`)
      claim(state.disposedAt === undefined, "RUN-2: a renewal begins after dispose")
      const isNeeded = state.waiters > 0 || state.window !== "no"
      claim(isNeeded, "TOK-5: a renewal begins without need")
      model.beginRenewal(key)
    },
    requestSent,
    responded: (request, behaviour, text) => {
      log.push(`token request ${request.number} gets: ${behaviour.does}${behaviour.does === "issue" ? ` ${text}` : ""}`)
      pending.delete(request)
      const { renewal } = state
      if (renewal === undefined) return
      renewal.outcome = behaviour.does
      if (behaviour.does === "reject") rejections.reject(request.key, behaviour.documented)
      if (behaviour.does === "limit") rejections.limit(request.key, behaviour.millis)
      if (behaviour.does !== "issue") return
      rejections.accept(request.key)
      const { key, mono: sentMono, wall: sentWall } = request
      const newToken = {
        text,
        key,
        id: undefined,
        sentWall,
        sentMono,
        lifetime: behaviour.lifetime,
        rejected: false,
        retired: false
      }
      renewal.tokens.push(newToken)
      tokens.push(newToken)
    },
    requestAborted: (request) => {
      log.push(`token request ${request.number} is aborted`)
      pending.delete(request)
      const isLate = clock.mono - (state.renewal?.issuingSince ?? Infinity) >= 10_000
      const isGone = clock.mono - (state.disposedAt ?? Infinity) >= 2_000
      reached.add(isLate ? "the deadline of a token request" : "the end of dispose's grace")
      claim(isLate || isGone, "TOK-7: a token request is aborted before its deadline")
    },
    event: observed,
    /** What was loaded last is not followed by an adoption. */
    settles: applySharedRejection
  } satisfies Observer & { readonly settles: () => void }
}
