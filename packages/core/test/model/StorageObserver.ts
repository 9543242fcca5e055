import type { StoredRecord } from "../../src/index.ts"
import { startOf, tokenFrom } from "./CurrentToken.ts"
import { type Renewal, type ModelState, newAttempt, type Attempt } from "./ModelState.ts"
import { type RecordFields, fieldsIn } from "./RecordFields.ts"
import { isAhead, leftShared } from "./Rules.ts"
import type { Place } from "./World.ts"
import { isProbeName } from "./StorageProbe.ts"
import type { LeaseResult, Fault, Operation, StorageObserver } from "./WorldStorage.ts"

const isSame = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two)

/**
 * Observes how a token is shared: what is loaded and saved, and which leases are granted (TOK-3, TOK-8, KEY-2, KEY-4).
 */
export const observeStorage = (model: ModelState) => {
  const { budget, claim, clock, faults, currentToken, log, options, probes, reached, rejections, state, tokens } = model
  /** The name of each key's record. */
  const names = new Map<string, string>()

  const checkName = ({ key }: Renewal, name: string) => {
    const known = names.get(key) ?? name
    claim(known === name, `KEY-4: the record of another key is used`)
    names.set(key, known)
  }

  /** A rejection in a record applies unless the token of that record is adopted. */
  const applySharedRejection = () => {
    const { sharedRejection } = state
    state.sharedRejection = undefined
    if (sharedRejection === undefined) return
    rejections.apply(sharedRejection.key, sharedRejection.rejection)
    reached.add("a shared rejection that is adopted")
  }

  const noteIo = (what: string) => {
    applySharedRejection()
    state.io += 1
    log.push(what)
    model.noteBudget()
  }

  const attemptOf = (renewal: Renewal, place: Place): Attempt => {
    if (renewal.attempt?.place !== place) renewal.attempt = newAttempt(place)
    return renewal.attempt
  }

  /** What clients that wait for a lease owner find in the record. */
  const findFailure = (renewal: Renewal, { failed }: RecordFields) => {
    const { awaited, attempt } = renewal
    const ownsLease = attempt?.lease !== undefined && !attempt.lease.isReleased
    const fence = ownsLease ? attempt.awaited : awaited?.fence
    if (fence === undefined || failed?.fence !== fence || renewal.usefulness === "must") return
    renewal.sharedFailure = { code: failed.code, isSure: renewal.usefulness === "no" }
    reached.add("a shared failure that is adopted")
  }

  const loaded = (place: Place, name: string, fields: RecordFields | undefined) => {
    const { renewal } = state
    if (renewal === undefined) return
    checkName(renewal, name)
    const attempt = attemptOf(renewal, place)
    attempt.hasLoaded = true
    if (attempt.claims === 0 && renewal.tokens.length === 0) {
      attempt.record = fields
      attempt.budget = fields?.budget && isAhead(fields.budget.at, clock.wall) ? undefined : fields?.budget
    }
    const { token } = fields ?? {}
    renewal.found =
      token === undefined
        ? undefined
        : (tokens.find(({ id }) => id === token.id) ?? tokenFrom(token, renewal.key, clock))
    if (token !== undefined && renewal.found !== undefined && renewal.found !== currentToken.current()) {
      renewal.found.sentWall = startOf(token, clock)
    }
    renewal.usefulness =
      token === undefined || renewal.found === undefined ? "no" : currentToken.isUseful(renewal.found, token)
    if (fields === undefined) return
    findFailure(renewal, fields)
    const { rejection } = fields
    // A client that has a token already loads the record only for a newer one.
    if (renewal.tokens.length > 0) return
    if (rejection !== undefined && renewal.usefulness !== "must" && rejections.isApplicable(rejection)) {
      state.sharedRejection = { key: renewal.key, rejection }
    }
  }

  const leaseResult = (place: Place, result: LeaseResult) => {
    const { renewal } = state
    if (renewal === undefined) return
    const { awaited } = renewal
    if (result._tag === "Lease") {
      renewal.attempt = newAttempt(place, { fence: result.fence, awaited: awaited?.fence })
      renewal.issuingSince = undefined
      renewal.movedAt = clock.mono
      return
    }
    reached.add("a lease that another client owns")
    if (awaited?.fence !== result.fence) renewal.movedAt = clock.mono
    renewal.awaited = {
      owner: awaited?.owner ?? result.owner,
      fence: result.fence,
      since: awaited?.fence === result.fence ? awaited.since : clock.mono,
      first: awaited?.first ?? clock.mono
    }
  }

  /** A record without a new token: it claims a token request, or shares why there is no token. */
  const checkUpdate = (attempt: Attempt, fields: RecordFields) => {
    const { renewal } = state
    claim(attempt.lease !== undefined, "TOK-4: saves another token")
    claim(fields.token?.id === attempt.record?.token?.id, "TOK-3: the token in the record is lost, or replaced")
    const reportedUntil = renewal === undefined ? undefined : rejections.shared(renewal.key)
    const isReport =
      reportedUntil !== undefined || (fields.failed !== undefined && fields.failed.fence === attempt.lease?.fence)
    if (isReport && isSame(fields.budget, attempt.budget)) {
      claim(fields.rejection?.until === reportedUntil, "KEY-2: a rejection is not shared")
      reached.add(reportedUntil === undefined ? "a failure that is shared" : "a rejection that is shared")
      return
    }
    const available = leftShared(attempt.budget, options.burst, clock.wall)
    const left = fields.budget?.left ?? Infinity
    claim(
      left >= 0 && left <= available - 1 + 1e-6,
      `TOK-8: a token request is not taken from the shared budget: ${available} left, then ${left}`
    )
    attempt.budget = fields.budget
    attempt.claims += 1
    if (attempt.claims > attempt.calls + 1) claim(false, "TOK-8: a token request is claimed twice")
    budget.take(clock.mono)
    if (renewal !== undefined) renewal.issuingSince ??= clock.mono
  }

  const saving = (place: Place, name: string, { fence, text }: StoredRecord) => {
    const { renewal } = state
    const fields = fieldsIn(name, { fence, text })
    if (fields === undefined) return claim(false, "STO-1: a record is saved under another name than its own")
    if (renewal === undefined) return claim(false, "TOK-2: saves outside of a renewal")
    checkName(renewal, name)
    const attempt = attemptOf(renewal, place)
    if (attempt.saved === text) return
    attempt.saved = text
    if (attempt.lease !== undefined) {
      claim(fence === attempt.lease.fence, "TOK-3: saves with another fence than its lease's")
      claim(!attempt.lease.isReleased, "TOK-3: saves with a lease that was released")
    }
    const newToken = renewal.tokens.at(-1)
    if (newToken === undefined || fields.token?.value !== newToken.text) return checkUpdate(attempt, fields)
    claim(newToken.key === renewal.key, "KEY-4: a token is saved under another key's name")
    claim(
      fields.token.issuedAt === newToken.sentWall,
      "TOK-9: a lifetime does not count from when the token request was sent"
    )
    claim(isSame(fields.budget, attempt.budget), "TOK-8: the shared budget is lost")
    const lifetime = fields.token.expiresAt === undefined ? undefined : fields.token.expiresAt - fields.token.issuedAt
    // A token that had expired when it arrived was never seen.
    if (currentToken.isExpired(newToken)) newToken.lifetime = lifetime
    claim(lifetime === newToken.lifetime, `TOK-6: ${newToken.text} is saved with another lifetime than it has`)
  }

  const probeCalled = (operation: Operation, name: string, fault: Fault | undefined) => {
    if (operation === "load") {
      state.probes += 1
      claim(state.disposedAt === undefined, "RUN-2: a probe after dispose")
      probes.begins(name, state.probe !== "no")
    }
    probes.called(operation, name, fault)
    return probes.givenUp
  }

  return {
    applySharedRejection,
    of: (place: Place): StorageObserver => ({
      called: (operation, name, fault) => {
        const how = fault === undefined ? "" : `, which ${fault}`
        // A renewal reads its key first, which takes time: a synchronous call is that of a probe.
        const isProbe = isProbeName(name) || (state.isSynchronous && operation === "load")
        noteIo(`${isProbe ? "probe: " : ""}${operation}${place === "primary" ? "" : " (fallback)"}${how}`)
        if (isProbe) return probeCalled(operation, name, fault)
        const { renewal } = state
        if (renewal === undefined) return undefined
        if (place === "fallback") reached.add("use of the fallback")
        else if (operation !== "release") faults.called(renewal.faults, operation, fault)
        return undefined
      },
      loaded: (name, stored) => {
        if (state.isSynchronous) return
        const fields = fieldsIn(name, stored)
        log.push(`there is ${fields === undefined ? "nothing" : (fields.token?.value ?? "no token")}`)
        loaded(place, name, fields)
      },
      saving: (name, stored) => {
        applySharedRejection()
        if (!isProbeName(name)) saving(place, name, stored)
      },
      saved: (isSaved) => {
        if (isSaved) return
        log.push("its fence is outdated")
        reached.add("a save with an outdated fence")
        const lease = state.renewal?.attempt?.lease
        if (lease !== undefined) lease.isLost = true
      },
      leaseResult: (result) => {
        log.push(
          result._tag === "Lease"
            ? `gets the lease (${result.fence})`
            : `${result.owner} owns the lease (${result.fence})`
        )
        leaseResult(place, result)
      },
      releasing: (fence) => {
        const lease = state.renewal?.attempt?.lease
        claim(lease?.fence === fence, "TOK-3: releases another lease than its own")
        if (lease !== undefined) lease.isReleased = true
      }
    })
  }
}
