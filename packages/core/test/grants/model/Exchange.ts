import { type Actor, giveUp } from "./Actor.ts"
import { exchange } from "./Server.ts"
import { write } from "./Storage.ts"
import { invalidGrant, otherRefusal, tooManyRequests, type Process, type Successor, type World } from "./World.ts"

/** Rule 6: the intent is stored first. Rule 7: if that is unclear, nothing is sent. */
export const intending = (actor: Actor): void => {
  const { name, process, rules, world } = actor
  const read = process.read!
  const outdated = rules.intentFenced && process.fence < world.fences
  const changed = rules.intentComparesAttempt && actor.record.attempt !== read.attempt
  if (outdated || changed) return actor.does("may not write its intent", giveUp)
  const put = (next: World, me: Process) => {
    const takenOver = read.takenOver || (rules.markTakenOver && read.state === "exchanging")
    me.read = { ...read, takenOver }
    me.intent = read.attempt
    if (rules.intentFirst) {
      me.intent = write(next, name, { ...me.read, state: "exchanging", owner: process.fence })
    }
  }
  actor.does("writes its intent", (next, me) => {
    put(next, me)
    me.place = "checking"
  })
  actor.writeFails("intent", put, (next, me) => {
    if (rules.unclearIntentSendsNothing) giveUp(next, me)
    else me.place = "checking"
  })
}

/** Rule 8. The lease may be another process's by now. */
export const checking = (actor: Actor): void => {
  if (actor.isInTime || !actor.rules.checkClock) {
    actor.does("sees that it is in time", (_, me) => void (me.place = "sending"))
  } else actor.does("sees that its time is over, and sends nothing", giveUp)
}

export const sending = (actor: Actor): void => {
  const { token } = actor.process.read!
  const { fence } = actor.process
  const late = !actor.isInTime
  actor.does(
    late ? "sends the token after its time" : "sends the token",
    (_, me) => {
      me.message = { kind: "request", token, fence, late, answer: 0 }
      me.place = "waiting"
    },
    brokenBySending(actor)
  )
  // Rule 9: no byte has left.
  actor.fails("not connected", "", (_, me) => void (me.place = "checking"))
}

const frozenBeforeSending = "freeze: between clock check and first byte"

const brokenBySending = ({ isInTime, process, record, world }: Actor): string | undefined => {
  const { remembers, refusedToken } = process
  const { generation, grant, token } = process.read!
  if (refusedToken === token) return "a process sent a refused token again"
  if (remembers?.grant === grant && remembers.generation > generation) {
    return "a process sent a token although it remembers the successor"
  }
  const mayBeLate = world.faults.includes(frozenBeforeSending) || record.grant !== grant
  return isInTime || mayBeLate ? undefined : "a process sent a token after its time, without a freeze after its check"
}

export const waiting = (actor: Actor): void => {
  if (actor.process.message!.kind === "request") underWay(actor)
  else arriving(actor)
}

const underWay = (actor: Actor): void => {
  const message = actor.process.message!
  const respond = (me: Process, answer: number) => void (me.message = { ...message, kind: "response", answer })
  actor.does("waits: the server handles its request", (next, me) => {
    respond(me, exchange(next, message.token, actor.steps.configuration))
  })
  actor.fails("request lost", "", (next, me) => unknown(actor, next, me))
  actor.fails("connection broken", "request under way", (next, me) => {
    const { fence, late, token } = message
    next.stray.push({ fence, late, token })
    unknown(actor, next, me)
  })
  actor.fails("other refusal", "", (_, me) => respond(me, otherRefusal))
  actor.fails("too many requests", "", (_, me) => respond(me, tooManyRequests))
}

/** Rule 10: a response counts at any time. */
const arriving = (actor: Actor): void => {
  const { answer } = actor.process.message!
  const listens = actor.isInTime || actor.rules.listenAfterLease
  if (!listens) actor.does("no longer listens", (next, me) => unknown(actor, next, me))
  else actor.does(`receives ${answerNames[answer] ?? "the successor"}`, (_, me) => receive(actor, me, answer))
  const when = answer >= 0 ? "successor" : "refusal"
  actor.fails("response lost", when, (next, me) => unknown(actor, next, me))
}

const answerNames: Record<number, string> = {
  [invalidGrant]: "invalid_grant",
  [otherRefusal]: "another refusal",
  [tooManyRequests]: "a 429"
}

/** Rules 9 and 19: whether the token was used. After a 429, it is sent again under the same intent. */
const receive = ({ rules }: Actor, me: Process, answer: number): void => {
  me.message = undefined
  if (answer === tooManyRequests) me.place = rules.limitedChecksClock ? "checking" : "sending"
  else if (answer === otherRefusal && rules.otherRefusalsKeepGrant) me.place = "restoring"
  else if (answer < 0) {
    me.place = "refused"
    if (!rules.refusedTokenIsNotSent) me.refusedToken = me.read!.token
  } else {
    me.successor = successorOf(me, answer)
    me.place = "saving"
    if (!rules.saveBeforeHandOut) me.accessToken = answer
  }
}

const successorOf = ({ intent, read }: Process, token: number): Successor => {
  const { generation, grant, takenOver } = read!
  return { grant, replaces: generation, generation: generation + 1, token, expects: intent, takenOver }
}

/** Rule 9: the intent stays, and the next attempt takes it over after `until`. */
const unknown = ({ rules }: Actor, next: World, me: Process): void => {
  me.message = undefined
  if (rules.brokenIsUnknown) giveUp(next, me)
  else me.place = "restoring"
}
