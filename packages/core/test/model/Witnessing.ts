import type { TokenEvent } from "../../src/index.ts"
import { type Known, knownFrom } from "./Holding.ts"
import type { Ledger } from "./Ledger.ts"
import { isLife, taught } from "./Rules.ts"
import type { IssueCall, Witness } from "./World.ts"
import { lyingIn } from "./WorldStorage.ts"

/** Watches what goes over the ports and what is told, and holds it against the promises. */
export const witnessing = (ledger: Ledger, ages: ReadonlyMap<string, ReadonlyArray<number>>): Witness => {
  const { budget, claim, clock, held, log, reached, refusals, state, tokens } = ledger
  const pending = new Set<IssueCall>()

  const saw = (what: string) => {
    state.io += 1
    log.push(what)
  }

  /** TOK-6, TOK-9: a token's life is what the issuer declared, else what refusals taught, else open. */
  const learnLife = (token: Known, told: number | undefined) => {
    if (isLife(token.life)) return claim(told === token.life, `TOK-6: ${token.text} lives ${told} ms, not as declared`)
    token.life = told
    if (told === undefined) return
    reached.add("a learned life")
    claim(taught(ages.get(token.key) ?? []).includes(told), `TOK-6: nothing taught that ${token.text} lives ${told} ms`)
  }

  const heard = (event: TokenEvent) => {
    reached.add(event.type)
    const { flight } = state
    switch (event.type) {
      case "issued":
        if (flight?.product === undefined) return claim(false, "OBS-1: a token is issued that the issuer did not give")
        flight.product.id = event.tokenId
        if (state.disposedAt === undefined) held.hold(flight.product)
        return
      case "adopted":
        claim(flight?.found?.id === event.tokenId, "OBS-1: a token is adopted that the storage did not have")
        if (flight?.found === undefined) return
        claim(flight.useful !== "no", `TOK-4, TOK-9: ${flight.found.text} is adopted, refused or over`)
        flight.product = flight.found
        // Only from now on its age is known by the monotonic clock, too.
        tokens.push(flight.found)
        return held.hold(flight.found)
      case "renewal-failed":
        return claim(ledger.isExplained(event.code), `TOK-7: ${event.code} out of nothing`)
      case "key-rejected":
        return claim(event.retryAt === refusals.retryAt(flight?.key ?? ""), "KEY-2: retryAt is not when it is over")
      case "budget-exceeded":
        return claim(budget.room(clock.mono) < 1 + 1e-6, "TOK-8: the budget is not exceeded")
      case "storage-degraded":
        return claim(state.storageFails, "STO-2: the storage is called degraded, and works")
      case "storage-recovered":
        return claim(!state.storageFails, "STO-2: the storage is called recovered, and fails")
    }
  }

  return {
    keyAsked: (key) => {
      saw(`reads the key: ${key}`)
      claim(state.disposedAt === undefined, "RUN-2: a renewal begins after the dispose")
      claim(state.waiters > 0 || state.due !== "no", "TOK-5: a renewal begins that nobody needs")
      ledger.beginFlight(key)
    },
    loadAsked: () => saw("asks the storage"),
    loaded: (stored) => {
      state.storageFails = stored === "failed"
      const lying = lyingIn(stored)
      const { flight } = state
      log.push(`the storage has ${lying?.token ?? (state.storageFails ? "a fault" : "nothing")}`)
      if (flight === undefined || lying === undefined) return
      const found = tokens.find(({ id }) => id === lying.id) ?? knownFrom(lying, flight.key, clock)
      flight.found = found
      if (found !== undefined) flight.useful = held.isUseful(found, lying)
    },
    called: (call) => {
      saw(`call ${call.number} is sent with key ${call.key}`)
      const { flight } = state
      claim(pending.size === 0, "TOK-2: two issue calls at once")
      claim(state.disposedAt === undefined, "RUN-2: an issue call after the dispose")
      claim(refusals.standing(call.key) === undefined, "KEY-2: an issue call while a refusal stands")
      claim(budget.room(clock.mono) > 1 - 1e-6, "TOK-8: more issue calls than the budget allows")
      pending.add(call)
      budget.spend(clock.mono)
      if (flight === undefined) return claim(false, "TOK-2: an issue call outside of a renewal")
      claim(call.key === flight.key, "KEY-3: an issue call with another key than the source's")
      claim(flight.useful !== "must", "TOK-2: an issue call although the storage has a good token")
      flight.calls.push(call)
      flight.outcome = "dawdle"
      if (flight.calls.length > 1) reached.add("another try")
      claim(flight.calls.length <= 3, "TOK-10: more than three tries")
    },
    answered: (call, mood, text) => {
      log.push(`call ${call.number} is answered: ${mood.does}${mood.does === "issue" ? ` ${text}` : ""}`)
      pending.delete(call)
      const { flight } = state
      if (flight === undefined) return
      flight.outcome = mood.does
      if (mood.does === "refuse") refusals.reject(call.key)
      if (mood.does === "limit") refusals.limit(call.key, mood.millis)
      if (mood.does !== "issue") return
      refusals.forget(call.key)
      const { key, mono: sentMono, wall: sentWall } = call
      flight.product = {
        text,
        key,
        id: undefined,
        sentWall,
        sentMono,
        life: mood.life,
        rejected: false,
        dropped: false
      }
      tokens.push(flight.product)
    },
    aborted: (call) => {
      log.push(`call ${call.number} is aborted`)
      pending.delete(call)
      const since = state.flight?.calls[0]?.mono ?? Infinity
      const isLate = clock.mono - since >= 10_000
      const isGone = clock.mono - (state.disposedAt ?? Infinity) >= 2_000
      reached.add(isLate ? "a deadline" : "a dispose's grace")
      claim(isLate || isGone, "TOK-7: an issue call is aborted before its deadline")
    },
    saveAsked: (stored) => {
      saw("saves")
      const lying = lyingIn(stored)
      const product = state.flight?.product
      if (product === undefined || lying?.token !== product.text) return claim(false, "TOK-4: saves another token")
      claim(lying.issuedAt === product.sentWall, "TOK-9: a life does not count from when the call was sent")
      learnLife(product, lying.expiresAt === undefined ? undefined : lying.expiresAt - lying.issuedAt)
    },
    saved: (isSaved) => {
      state.storageFails = !isSaved
    },
    heard
  }
}
