import { acquiring, dead, idle, loading, reporting } from "./Acquire.ts"
import { Actor } from "./Actor.ts"
import { checking, intending, sending, waiting } from "./Exchange.ts"
import { judging, refused, restoring, saving } from "./Outcome.ts"
import { moment, type Steps } from "./Steps.ts"
import { newProcess, type Process } from "./World.ts"

const stepsOf: Record<Process["place"], (actor: Actor) => void> = {
  idle,
  acquiring,
  loading,
  intending,
  checking,
  sending,
  waiting,
  saving,
  refused,
  judging,
  restoring,
  reporting,
  dead
}

const atRest = new Set<Process["place"]>(["idle", "reporting", "dead"])

/** What each process may do next, and what may happen to it. Freezes are in timeSteps.ts. */
export const processSteps = (steps: Steps): void => {
  steps.world.processes.forEach((process, index) => {
    const actor = new Actor(steps, index)
    stepsOf[process.place](actor)
    if (!atRest.has(process.place)) crash(actor)
    if (process.leased && steps.world.lease === process.fence) {
      actor.fails("lease forgotten", moment(process), (next) => void (next.lease = 0))
    }
  })
}

/** A request that is under way may still arrive. */
const crash = (actor: Actor): void => {
  const { message, restarts } = actor.process
  actor.fails("crash", moment(actor.process), (next, me) => {
    if (message?.kind === "request") {
      const { fence, late, token } = message
      next.stray.push({ fence, late, token })
    }
    Object.assign(me, newProcess(), { place: "dead", restarts })
  })
}
