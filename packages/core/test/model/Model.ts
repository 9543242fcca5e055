import type { AccessToken, AuthError, TokenStatus } from "../../src/index.ts"
import type { Expected, Known } from "./Holding.ts"
import { makeLedger } from "./Ledger.ts"
import { isLife } from "./Rules.ts"
import { witnessing } from "./Witnessing.ts"
import type { WorldClock } from "./WorldClock.ts"

/** TOK-10, STO-2: no renewal takes longer than its deadlines for loading, issuing and saving, in milliseconds. */
const longestFlight = 1_000 + 10_000 + 1_000

/**
 * The reference model: it sees what goes over the ports and what callers get, and says what the promises do not allow.
 * Where jitter decides, it allows either and goes on from what happened.
 */
export const makeModel = (clock: WorldClock, options: { readonly burst: number }) => {
  const ages = new Map<string, Array<number>>()
  const ledger = makeLedger(clock, options)
  const { claim, held, reached, state, tokens } = ledger

  /** A command begins. */
  const begin = () => Object.assign(state, { io: 0, renewals: 0, due: "no" })

  /** What a hit has to do at this moment; it may begin a renewal before it returns. */
  const beforeHit = (): Expected => {
    const expected = held.expected()
    if (state.flight === undefined && state.due !== "must") state.due = expected.renewal
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
    const isNew = token === flight?.product
    claim(isNew || token === held.current(), `TOK-2: a caller gets ${token.text}, which is not the current one`)
    // What took its whole life to come is all there is.
    claim(isNew || !held.isOver(token), `TOK-9: a caller gets ${token.text}, which is over`)
  }

  /** A request was answered with 401. */
  const rejects = (token: Known, how: string) => {
    token.rejected = true
    if (token !== held.current()) return void reached.add("a straggler")
    const age = held.age(token)
    if (how === "expired" && isLife(age)) ages.set(token.key, [...(ages.get(token.key) ?? []), age])
    held.hold(undefined)
  }

  /** What has to hold whenever everything is at rest. */
  const atRest = (status: TokenStatus) => {
    if (state.disposedAt !== undefined) return claim(status.state === "disposed", "OBS-2: disposed, and not so called")
    const isRenewing = status.state === "renewing"
    const { flight } = state
    claim(flight?.product === undefined || flight.product.id !== undefined, "TOK-7: an issued token is not kept")
    claim(flight !== undefined || !isRenewing, "TOK-2: a renewal that did not read the key")
    claim(!isRenewing || clock.mono - (flight?.since ?? 0) <= longestFlight, "TOK-10: a renewal without end")
    claim(isRenewing === clock.sleeping() > 0, "TOK-5, RUN-2: an idle timer, or a renewal that waits for nothing")
    claim(isRenewing || state.waiters === 0, "TOK-7: a caller waits for nothing")
    claim(state.due !== "must" || state.renewals > 0, "TOK-5: a hit in the window begins no renewal")
    claim((status.storage.state === "degraded") === state.storageFails, "STO-2, OBS-2: the storage's state is not told")
    if (!isRenewing) ledger.endFlight()
    const token = held.current()
    const isGood = token !== undefined && !held.isOver(token)
    claim(status.token?.id === (isGood ? token.id : undefined), "OBS-2: the status tells of another token")
  }

  return {
    ...ledger,
    witness: witnessing(ledger, ages),
    begin,
    beforeHit,
    hitGot,
    waiterGot,
    rejects,
    atRest
  }
}
