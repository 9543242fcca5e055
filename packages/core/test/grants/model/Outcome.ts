import { replacesThis, remember } from "./Acquire.ts"
import { type Actor, giveUp } from "./Actor.ts"
import { isUsable } from "./Server.ts"
import { release, write } from "./Storage.ts"
import type { GrantRecord, Process, Successor, World } from "./World.ts"

/** Rules 14 to 16: saves the successor, also long after the lease. */
export const saving = (actor: Actor): void => {
  const { name, process, record, rules } = actor
  const successor = process.successor!
  if (record.token === successor.token) return actor.does("finds its successor saved", finish)
  if (!maySave(actor, successor)) return actor.does("may not save its successor", (next, me) => keep(actor, next, me))
  const put = (next: World) => void write(next, name, recordOf(actor, successor))
  actor.does("saves its successor", (next, me) => {
    put(next)
    if (actor.steps.configuration.storageForgets) remember(me, recordOf(actor, successor))
    finish(next, me)
  })
  actor.writeFails("successor", put, (next, me) => {
    me.accessToken = successor.token
    if (rules.retrySave) return
    me.successor = undefined
    giveUp(next, me)
  })
}

const recordOf = ({ record }: Actor, { generation, grant, takenOver, token }: Successor): GrantRecord => ({
  ...record,
  grant,
  generation,
  token,
  takenOver,
  state: "ok",
  owner: 0
})

const maySave = ({ process, record, rules, world }: Actor, { expects }: Successor): boolean => {
  if (!rules.successorNotFenced && process.fence < world.fences) return false
  return rules.successorComparesAttempt ? record.attempt === expects : replacesThis(process, record, rules)
}

const finish = (next: World, me: Process): void => {
  me.accessToken = me.successor!.token
  me.successor = undefined
  giveUp(next, me)
}

/** Rule 15: with another grant or generation in the record, the successor is worth nothing. */
const keep = ({ record, rules }: Actor, next: World, me: Process): void => {
  if (!rules.keepRefusedSuccessor || !replacesThis(me, record, rules)) {
    me.successor = undefined
    return giveUp(next, me)
  }
  if (me.leased && next.lease === me.fence) me.place = "loading"
  else {
    release(next, me)
    me.place = "acquiring"
  }
}

/** Rule 17: only a process whose own intent is still stored may write a verdict. */
export const refused = (actor: Actor): void => {
  const { process, record, rules } = actor
  if (record.attempt !== process.intent) return actor.does("finds another record after the refusal", giveUp)
  actor.does("finds its own intent after the refusal", (_, me) => {
    me.read = record
    me.place = rules.refusedTokenIsNotSent ? "judging" : "intending"
  })
}

export const judging = (actor: Actor): void => {
  const { name, process, record, rules } = actor
  const read = process.read!
  if (rules.verdictComparesAttempt && record.attempt !== read.attempt) {
    return actor.does("may not write its verdict", giveUp)
  }
  const state = read.takenOver ? "lost" : "rejected"
  const put = (next: World) => void write(next, name, { ...read, state })
  const verdict = (next: World, me: Process) => {
    put(next)
    release(next, me)
    me.place = "reporting"
    me.reported = { grant: read.grant, state }
  }
  actor.does(`records the grant as ${state}`, verdict, brokenByVerdict(actor, state))
  actor.writeFails("verdict", put, () => undefined)
}

const brokenByVerdict = ({ process, world }: Actor, state: string): string | undefined => {
  const { grant, token } = process.read!
  if (world.revoked[grant] === "by the user") return undefined
  // A storage that forgets an intent forgets its `takenOver`.
  const knowsWhy = !world.faults.includes("write forgotten: intent")
  if (state === "rejected" && knowsWhy) return "a grant was recorded as rejected although the user has not revoked it"
  if (isUsable(world, token)) return "a grant was given up although its token works"
  return world.lost ? undefined : earlyVerdict
}

/** Another process still has the successor, and will save it over the verdict (rule 15). */
export const earlyVerdict = "a grant was given up although a process has the successor"

/** Rule 19. */
export const restoring = (actor: Actor): void => {
  const { name, process, record } = actor
  if (record.attempt !== process.intent) return actor.does("finds another record", giveUp)
  const put = (next: World) => void write(next, name, { ...record, state: "ok", owner: 0 })
  actor.does("restores the record", (next, me) => {
    put(next)
    giveUp(next, me)
  })
  actor.writeFails("restored record", put, giveUp)
}
