import type { StoredText } from "../../src/index.ts"
import { knownFrom } from "./Holding.ts"
import { type Flight, type Ledger, newTerm, type Term } from "./Ledger.ts"
import { type Lying, lyingIn } from "./Lying.ts"
import { sharedRoom } from "./Rules.ts"
import type { Place } from "./World.ts"
import type { Elected, StorageWitness } from "./WorldStorage.ts"

const isSame = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two)

/** Watches how a token is shared: what is read and saved, and who was elected (TOK-3, TOK-8, KEY-2, KEY-4). */
export const storageWitnessing = (ledger: Ledger) => {
  const { budget, claim, clock, faults, held, log, options, reached, refusals, state, tokens } = ledger
  /** The name of each key's record. */
  const names = new Map<string, string>()

  const checkName = ({ key }: Flight, name: string) => {
    const known = names.get(key) ?? name
    claim(known === name, `KEY-4: the record of another key is asked for`)
    names.set(key, known)
  }

  /** What another process was refused is told before it is known whether its token is taken all the same. */
  const believe = () => {
    const { hearsay } = state
    state.hearsay = undefined
    if (hearsay === undefined) return
    refusals.heed(hearsay.key, hearsay.refusal)
    reached.add("a refusal heard of")
  }

  const saw = (what: string) => {
    believe()
    state.io += 1
    log.push(what)
    ledger.noteBudget()
  }

  const termOf = (flight: Flight, place: Place): Term => {
    if (flight.term?.place !== place) flight.term = newTerm(place)
    return flight.term
  }

  /** What those who wait for the owner of a lease find that it told them. */
  const heard = (flight: Flight, { failed }: Lying) => {
    const { awaited, term } = flight
    const isElected = term?.lease !== undefined && !term.lease.isReleased
    const fence = isElected ? term.awaited : awaited?.fence
    if (fence === undefined || failed?.fence !== fence || flight.useful === "must") return
    flight.told = { code: failed.code, isSure: flight.useful === "no" }
    reached.add("a failure that was shared")
  }

  const loaded = (place: Place, name: string, lying: Lying | undefined) => {
    const { flight } = state
    if (flight === undefined) return
    checkName(flight, name)
    const term = termOf(flight, place)
    term.hasLooked = true
    if (term.claims === 0 && flight.products.length === 0) {
      term.record = lying
      term.budget = lying?.budget
    }
    const { token } = lying ?? {}
    flight.found =
      token === undefined
        ? undefined
        : (tokens.find(({ id }) => id === token.id) ?? knownFrom(token, flight.key, clock))
    flight.useful = token === undefined || flight.found === undefined ? "no" : held.isUseful(flight.found, token)
    if (lying === undefined) return
    heard(flight, lying)
    const { refusal } = lying
    // Whoever has a token already looks for a newer one, and for nothing else.
    if (flight.products.length > 0) return
    if (refusal !== undefined && flight.useful !== "must" && refusals.isHeeded(refusal)) {
      state.hearsay = { key: flight.key, refusal }
    }
  }

  const elected = (place: Place, answer: Elected) => {
    const { flight } = state
    if (flight === undefined) return
    const { awaited } = flight
    if (answer._tag === "Lease") {
      flight.term = newTerm(place, { fence: answer.fence, awaited: awaited?.fence })
      flight.issuingSince = undefined
      flight.movedAt = clock.mono
      return
    }
    reached.add("a lease that another has")
    if (awaited?.fence !== answer.fence) flight.movedAt = clock.mono
    flight.awaited = {
      owner: awaited?.owner ?? answer.owner,
      fence: answer.fence,
      since: awaited?.fence === answer.fence ? awaited.since : clock.mono,
      first: awaited?.first ?? clock.mono
    }
  }

  /** A record that tells of no new token: it claims an issue call, or tells why none came of it. */
  const bookkeeping = (term: Term, lying: Lying) => {
    const { flight } = state
    claim(term.lease !== undefined, "TOK-4: saves another token")
    claim(lying.token?.id === term.record?.token?.id, "TOK-3: the token in the record is lost, or another")
    const told = flight === undefined ? undefined : refusals.shared(flight.key)
    const isTelling = told !== undefined || (lying.failed !== undefined && lying.failed.fence === term.lease?.fence)
    if (isTelling && isSame(lying.budget, term.budget)) {
      claim(lying.refusal?.until === told, "KEY-2: what the issuer refused is not told")
      reached.add(told === undefined ? "a failure told" : "a refusal told")
      return
    }
    const room = sharedRoom(term.budget, options.burst, clock.wall)
    const left = lying.budget?.left ?? Infinity
    claim(
      left >= 0 && left <= room - 1 + 1e-6,
      `TOK-8: a call is not taken from the budget that is shared: ${room} left, then ${left}`
    )
    term.budget = lying.budget
    term.claims += 1
    if (term.claims > term.calls + 1) claim(false, "TOK-8: a call is claimed twice")
    budget.take(clock.mono)
    if (flight !== undefined) flight.issuingSince ??= clock.mono
  }

  const saving = (place: Place, name: string, { fence, text }: StoredText) => {
    const { flight } = state
    const lying = lyingIn(name, { fence, text })
    if (lying === undefined) return claim(false, "STO-1: what is saved is not a record under its own name")
    if (flight === undefined) return claim(false, "TOK-2: saves outside of a renewal")
    checkName(flight, name)
    const term = termOf(flight, place)
    if (term.saved === text) return
    term.saved = text
    if (term.lease !== undefined) {
      claim(fence === term.lease.fence, "TOK-3: saves with another fence than its lease's")
      claim(!term.lease.isReleased, "TOK-3: saves with a lease that it gave back")
    }
    const isRejoin = flight.rejoin !== "no" && flight.started === undefined
    const product = flight.products.at(-1) ?? (isRejoin ? held.good() : undefined)
    if (product === undefined || lying.token?.value !== product.text) return bookkeeping(term, lying)
    claim(product.key === flight.key, "KEY-4: a token is saved under another key's name")
    claim(lying.token.issuedAt === product.sentWall, "TOK-9: a life does not count from when the call was sent")
    claim(isSame(lying.budget, term.budget), "TOK-8: the budget that is shared is lost")
    const life = lying.token.expiresAt === undefined ? undefined : lying.token.expiresAt - lying.token.issuedAt
    // One that was over as soon as it came was never seen.
    if (held.isOver(product)) product.life = life
    claim(life === product.life, `TOK-6: ${product.text} is saved with another life than it has`)
  }

  return {
    believe,
    of: (place: Place): StorageWitness => ({
      asked: (operation, fault) => {
        const how = fault === undefined ? "" : `, which ${fault}`
        saw(`${operation}${place === "first" ? "" : " (fallback)"}${how}`)
        const { flight } = state
        if (flight === undefined) return
        if (place === "second") reached.add("the fallback")
        else if (operation !== "release") faults.asked(flight.faults, operation, fault)
      },
      loaded: (name, stored) => {
        const lying = lyingIn(name, stored)
        log.push(`there is ${lying === undefined ? "nothing" : (lying.token?.value ?? "no token")}`)
        loaded(place, name, lying)
      },
      saving: (name, stored) => {
        believe()
        saving(place, name, stored)
      },
      saved: (isSaved) => {
        if (isSaved) return
        log.push("it comes too late")
        reached.add("a save that comes late")
        const lease = state.flight?.term?.lease
        if (lease !== undefined) lease.isLost = true
      },
      elected: (answer) => {
        log.push(
          answer._tag === "Lease" ? `elected (${answer.fence})` : `${answer.owner} was elected (${answer.fence})`
        )
        elected(place, answer)
      },
      releasing: (fence) => {
        const lease = state.flight?.term?.lease
        claim(lease?.fence === fence, "TOK-3: gives back another lease than its own")
        if (lease !== undefined) lease.isReleased = true
      }
    })
  }
}
