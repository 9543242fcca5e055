import { type Actor, giveUp } from "./Actor.ts"
import type { Rules } from "./Rules.ts"
import { grantLease, isVerdict, release, write } from "./Storage.ts"
import { firstRecord, type GrantRecord, newProcess, type Process, type World } from "./World.ts"

/** Rule 4: a process that starts again finds the record, and its configured token is among the `seeds`. */
export const dead = (actor: Actor): void => {
  const { process, rules, steps } = actor
  if (process.restarts === steps.configuration.restarts) return
  actor.does("starts again", (next, me) => {
    Object.assign(me, newProcess(), { restarts: process.restarts + 1 })
    if (!rules.recordWinsAtStart) write(next, actor.name, firstRecord)
  })
}

export const idle = (actor: Actor): void => {
  if (actor.process.accessToken > actor.world.expired) return
  const look = (record: GrantRecord) => (next: World, me: Process) => {
    if (adopts(actor, next, me, record)) return
    me.place = "acquiring"
    if (!actor.rules.failedLoadEndsAttempt) me.read = record
  }
  actor.does("loads the record", look(actor.record))
  const { previous } = actor.world
  if (previous !== undefined) actor.fails("old record read", "", look(previous))
}

/** Rule 18. */
export const reporting = (actor: Actor): void => {
  const { reported } = actor.process
  const unchanged = reported!.grant === actor.record.grant && reported!.state === actor.record.state
  if (unchanged || !actor.rules.lookAgainAfterChange) return
  actor.does("sees that the record has changed", (_, me) => {
    me.place = "idle"
    me.reported = undefined
  })
}

export const acquiring = (actor: Actor): void => {
  if (actor.world.lease === 0) {
    actor.does("gets the lease", (next, me) => {
      grantLease(next, me)
      me.place = "loading"
    })
  } else if (isConclusive(actor.world, actor.process, actor.record, actor.rules)) {
    actor.does("loads the record while it waits", (next, me) => void adopts(actor, next, me, actor.record))
  }
}

/** Rule 5: with the lease, the record is loaded again. */
export const loading = (actor: Actor): void => {
  const load = (record: GrantRecord) => {
    if (!mayContinue(actor, record)) return
    actor.does("loads the record under its lease", (next, me) => continueWith(actor, next, me, record))
  }
  load(actor.record)
  const { previous } = actor.world
  if (previous !== undefined && mayContinue(actor, previous)) {
    actor.fails("old record read", "under the lease", (next, me) => continueWith(actor, next, me, previous))
  }
  actor.fails("load failed", "", (next, me) => withoutRecord(actor, next, me))
}

const withoutRecord = ({ name, rules }: Actor, next: World, me: Process): void => {
  if (!rules.failedLoadEndsAttempt) {
    me.place = "sending"
    return
  }
  if (!rules.unreadableIsAnError) write(next, name, firstRecord)
  giveUp(next, me)
}

const continueWith = (actor: Actor, next: World, me: Process, record: GrantRecord): void => {
  if (adopts(actor, next, me, record)) return
  me.read = record
  me.intent = 0
  if (isAhead(actor, record)) putBack(me, record)
  if (me.successor === undefined) {
    const counted = !actor.rules.replayUntilDefinite && record.state === "exchanging" && record.takenOver
    me.place = counted ? "judging" : "intending"
    return
  }
  me.successor = { ...me.successor, expects: record.attempt, takenOver: true }
  me.place = "saving"
}

/** Rule 21. */
const putBack = (me: Process, { attempt, generation, takenOver }: GrantRecord): void => {
  me.successor = { ...me.remembers!, replaces: generation, expects: attempt, takenOver }
}

const isAhead = ({ process: { remembers }, rules }: Actor, record: GrantRecord): boolean =>
  rules.putBackRemembered && remembers?.grant === record.grant && remembers.generation > record.generation

/**
 * Rules 11 and 12. They are also for a process that will save a successor (rule 15): on a server of the kind `last`, the
 * owner of the intent may be about to receive a newer one.
 */
const mayContinue = (actor: Actor, record: GrantRecord): boolean => {
  const { process, rules, steps, world } = actor
  if (record.state !== "exchanging" || isAhead(actor, record)) return true
  if (!rules.keptSuccessorWaits && replacesThis(process, record, rules)) return true
  if (rules.waitForUntil && world.running.includes(record.owner)) return false
  return !(steps.configuration.ownersAreSeen && isOwnerAtWork(actor, record))
}

const ofAnExchange = new Set(["checking", "sending", "waiting", "saving", "refused", "judging", "restoring"])

const isOwnerAtWork = ({ index, rules, world }: Actor, record: GrantRecord): boolean =>
  world.processes.some(
    (other, position) =>
      position !== index &&
      ((other.fence === record.owner && ofAnExchange.has(other.place)) || replacesThis(other, record, rules))
  )

/** Rule 20: two grants with the same generation differ by their id. */
export const replacesThis = (
  { successor }: Process,
  { generation, grant }: GrantRecord,
  { newGrantId }: Rules
): boolean => successor !== undefined && successor.replaces === generation && (successor.grant === grant || !newGrantId)

const isFresh = ({ expired }: World, { state, token }: GrantRecord): boolean => state === "ok" && token > expired

const stands = (process: Process, record: GrantRecord, rules: Rules): boolean =>
  isVerdict(record) && rules.verdictStands && !(rules.saveOverVerdict && replacesThis(process, record, rules))

const isConclusive = (world: World, process: Process, record: GrantRecord, rules: Rules): boolean =>
  isFresh(world, record) || stands(process, record, rules)

/** Uses the access token of the record, or reports its verdict. */
const adopts = ({ rules, steps }: Actor, next: World, me: Process, record: GrantRecord): boolean => {
  if (steps.configuration.storageForgets) remember(me, record)
  const fresh = isFresh(next, record)
  const conclusive = isConclusive(next, me, record, rules)
  if (conclusive || !replacesThis(me, record, rules)) me.successor = undefined
  if (!conclusive) return false
  release(next, me)
  me.place = fresh ? "idle" : "reporting"
  if (fresh) me.accessToken = record.token
  else me.reported = { grant: record.grant, state: record.state }
  return true
}

export const remember = (me: Process, { generation, grant, token }: GrantRecord): void => {
  const { remembers } = me
  const newer = remembers === undefined || grant > remembers.grant || generation > remembers.generation
  if (newer) me.remembers = { grant, generation, token }
}
