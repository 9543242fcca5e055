import type { TokenEvent, TokenStatus } from "../../src/index.ts"
import type { Known } from "./Holding.ts"
import { type Flight, type Ledger, newTerm } from "./Ledger.ts"
import { isLife, longestLease, taught } from "./Rules.ts"
import { storageWitnessing } from "./StorageWitnessing.ts"
import type { IssueCall, Witness } from "./World.ts"

/** Watches what goes over the ports and what is told, and holds it against the promises. */
export const witnessing = (ledger: Ledger, ages: ReadonlyMap<string, ReadonlyArray<number>>) => {
  const { budget, claim, clock, faults, held, log, options, reached, refusals, state, tokens } = ledger
  const pending = new Set<IssueCall>()
  const { believe, of } = storageWitnessing(ledger)

  const saw = (what: string) => {
    believe()
    state.io += 1
    log.push(what)
  }

  /** TOK-6, TOK-9: a token's life is what the issuer declared, else what refusals taught, else open. */
  const learnLife = (token: Known, { expiresAt, issuedAt }: NonNullable<TokenStatus["token"]>) => {
    const told = expiresAt === undefined ? undefined : expiresAt - issuedAt
    if (isLife(token.life)) return claim(told === token.life, `TOK-6: ${token.text} lives ${told} ms, not as declared`)
    token.life = told
    if (told === undefined) return
    reached.add("a learned life")
    claim(taught(ages.get(token.key) ?? []).includes(told), `TOK-6: nothing taught that ${token.text} lives ${told} ms`)
  }

  const issued = (flight: Flight | undefined, tokenId: string, { token }: TokenStatus) => {
    const product = flight?.products.at(-1)
    if (product === undefined) return claim(false, "OBS-1: a token is issued that the issuer did not give")
    product.id = tokenId
    if (token?.id === tokenId) learnLife(product, token)
    // What took its whole life to come is not shown.
    else if (!isLife(product.life)) product.life = taught(ages.get(product.key) ?? []).at(-1)
    if (state.disposedAt === undefined) held.hold(product)
  }

  const adopted = (flight: Flight | undefined, tokenId: string) => {
    state.hearsay = undefined
    claim(flight?.found?.id === tokenId, "OBS-1: a token is adopted that the storage did not have")
    if (flight?.found === undefined) return
    claim(flight.useful !== "no", `TOK-4, TOK-9: ${flight.found.text} is adopted, refused or over`)
    if (flight.products.length > 0) reached.add("adopted in place of one's own")
    flight.products.push(flight.found)
    flight.told = undefined
    // Only from now on its age is known by the monotonic clock, too.
    tokens.push(flight.found)
    if (state.disposedAt === undefined) held.hold(flight.found)
  }

  const waited = (flight: Flight | undefined, owner: string, millis: number) => {
    const { awaited } = flight ?? {}
    claim(awaited?.owner === owner, "OBS-1: a lease is waited for that nobody had")
    claim(Math.abs(clock.mono - (awaited?.first ?? 0) - millis) <= 1, "OBS-1: a lease was not waited for so long")
    if (flight === undefined) return
    flight.isStuck = clock.mono - (awaited?.since ?? Infinity) >= longestLease
    flight.awaited = undefined
  }

  const heard = (event: TokenEvent, status: () => TokenStatus) => {
    reached.add(event.type)
    if (event.type !== "adopted") believe()
    const { flight } = state
    switch (event.type) {
      case "renewal-started":
        if (flight !== undefined) flight.started = event.reason
        return
      case "issued":
        return issued(flight, event.tokenId, status())
      case "adopted":
        return adopted(flight, event.tokenId)
      case "lease-waited":
        return waited(flight, event.owner, event.waitedMillis)
      case "renewal-failed":
        if (flight !== undefined) flight.hasFailed = true
        claim(ledger.isExplained(event.code), `TOK-7: ${event.code} out of nothing`)
        // This process's own budget was taken from before the shared one was asked.
        if (event.code === "ISSUE_BUDGET_EXCEEDED" && budget.canTake(clock.mono)) budget.take(clock.mono)
        return
      case "key-rejected":
        return claim(event.retryAt === refusals.retryAt(flight?.key ?? ""), "KEY-2: retryAt is not when it is over")
      case "budget-exceeded":
        return claim(ledger.isBudgetExceeded(), "TOK-8: the budget is not exceeded")
      case "storage-degraded":
        return faults.degraded(flight)
      case "storage-recovered":
        return faults.recovered(flight)
    }
  }

  /** TOK-3: who was elected, looked again and claimed the call, while nobody else can have been. */
  const checkElection = (flight: Flight) => {
    const { term } = flight
    if (term?.lease === undefined || term.lease.isReleased) {
      // Whoever gave its lease back goes on alone where the storage fails.
      if (term?.lease !== undefined) Object.assign(flight, { term: newTerm(term.place), issuingSince: undefined })
      budget.take(clock.mono)
      const isAlone = !options.exclusive && term?.place !== "second"
      return claim(isAlone || faults.excusesNoLease(flight), "TOK-3: an issue call of one whom nobody elected")
    }
    budget.use(clock.mono)
    claim(term.hasLooked || flight.faults.failed > 0, "TOK-3: whoever was elected does not look again")
    claim(!term.lease.isLost, "TOK-3: an issue call of one who lost the lease")
    claim(term.claims === term.calls + 1, "TOK-8: an issue call that was not taken from the budget that is shared")
  }

  /** TOK-10: a term has so many tries; after another was elected, it begins anew. */
  const countTry = (flight: Flight) => {
    const term = (flight.term ??= newTerm("first"))
    term.calls += 1
    if (term.calls > 1) reached.add("another try")
    claim(term.calls <= 3, "TOK-10: more than three tries")
    flight.issuingSince ??= clock.mono
  }

  const called = (call: IssueCall) => {
    saw(`call ${call.number} is sent with key ${call.key}`)
    const { flight } = state
    claim(pending.size === 0, "TOK-2: two issue calls at once")
    claim(state.disposedAt === undefined, "RUN-2: an issue call after the dispose")
    claim(budget.room(clock.mono) > 1 - 1e-6, "TOK-8: more issue calls than the budget allows")
    pending.add(call)
    budget.spend(clock.mono)
    if (flight === undefined) return claim(false, "TOK-2: an issue call outside of a renewal")
    const stands = refusals.standing(call.key) !== undefined && refusals.last(call.key) !== flight.lapsed
    claim(!stands, "KEY-2: an issue call while a refusal stands")
    claim(call.key === flight.key, "KEY-3: an issue call with another key than the source's")
    claim(flight.useful !== "must", "TOK-2, TOK-3: an issue call although the storage has a good token")
    claim(flight.told?.isSure !== true, "TOK-7: an issue call although whoever was elected told of a failure")
    checkElection(flight)
    countTry(flight)
    flight.outcome = "dawdle"
  }

  return {
    storage: of,
    keyAsked: (key) => {
      saw(`reads the key: ${key}`)
      claim(state.disposedAt === undefined, "RUN-2: a renewal begins after the dispose")
      const isNeeded = state.waiters > 0 || state.window !== "no" || state.rejoin !== "no"
      claim(isNeeded, "TOK-5: a renewal begins that nobody needs")
      ledger.beginFlight(key)
    },
    called,
    answered: (call, mood, text) => {
      log.push(`call ${call.number} is answered: ${mood.does}${mood.does === "issue" ? ` ${text}` : ""}`)
      pending.delete(call)
      const { flight } = state
      if (flight === undefined) return
      flight.outcome = mood.does
      if (mood.does === "refuse") refusals.reject(call.key, mood.documented)
      if (mood.does === "limit") refusals.limit(call.key, mood.millis)
      if (mood.does !== "issue") return
      refusals.accept(call.key)
      const { key, mono: sentMono, wall: sentWall } = call
      const product = {
        text,
        key,
        id: undefined,
        sentWall,
        sentMono,
        life: mood.life,
        rejected: false,
        dropped: false
      }
      flight.products.push(product)
      tokens.push(product)
    },
    aborted: (call) => {
      log.push(`call ${call.number} is aborted`)
      pending.delete(call)
      const isLate = clock.mono - (state.flight?.issuingSince ?? Infinity) >= 10_000
      const isGone = clock.mono - (state.disposedAt ?? Infinity) >= 2_000
      reached.add(isLate ? "a deadline" : "a dispose's grace")
      claim(isLate || isGone, "TOK-7: an issue call is aborted before its deadline")
    },
    heard,
    /** Nothing more comes of what was read last. */
    rests: believe
  } satisfies Witness & { readonly rests: () => void }
}
