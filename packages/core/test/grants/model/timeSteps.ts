import { ageGrace } from "./Server.ts"
import { moment, type Steps } from "./Steps.ts"
import { isIntentOf } from "./Storage.ts"
import type { Process, World } from "./World.ts"

/**
 * Time is what ends: leases, with the `until` of the intents in them, access tokens and grace periods. A process is frozen
 * if its lease ends while it works under it; that it continues later is a usual step.
 */
export const timeSteps = (steps: Steps): void => {
  for (const fence of steps.world.running) endLease(steps, fence)
  freeDeadLease(steps)
  expireAccessTokens(steps)
  endGrace(steps)
}

const endLease = (steps: Steps, fence: number): void => {
  const { configuration, world } = steps
  if (configuration.rules.untilIncludesNetwork && isRequestUnderWay(world, fence)) return
  const end = (next: World) => {
    next.running = next.running.filter((other) => other !== fence)
    if (next.lease === fence) next.lease = 0
    ageGrace(next, configuration)
  }
  const owner = ownerOf(world, fence)
  if (owner === undefined) steps.add("the time of a lease is over", end)
  else steps.fault("freeze", moment(owner), end)
}

const isRequestUnderWay = ({ processes, stray }: World, fence: number): boolean =>
  stray.some((request) => request.fence === fence && !request.late) ||
  processes.some(({ message }) => message?.kind === "request" && message.fence === fence && !message.late)

const ownerOf = ({ processes }: World, fence: number): Process | undefined =>
  processes.find((process) => process.leased && process.fence === fence)

/** Some storages notice that the owner of a lease has crashed. */
const freeDeadLease = (steps: Steps): void => {
  const { lease } = steps.world
  if (lease === 0 || ownerOf(steps.world, lease) !== undefined) return
  steps.add("the lease of a process that crashed is freed", (next) => void (next.lease = 0))
}

/** Leases that matter no more: only processes at work and stored intents compare with their time. */
export const forgetLeases = (next: World): void => {
  next.running = next.running.filter(
    (fence) =>
      fence === next.lease ||
      ownerOf(next, fence) !== undefined ||
      next.records.some((record) => isIntentOf(record, fence))
  )
}

const expireAccessTokens = (steps: Steps): void => {
  const { expired, lost, processes, records, rotationsLeft } = steps.world
  const { state, token } = records[0]!
  if (state === "ok" && token > expired) {
    if (rotationsLeft === 0 && !lost) return
    steps.add("the access token expires", (next) => {
      next.expired = token
      next.rotationsLeft = Math.max(0, rotationsLeft - 1)
    })
    return
  }
  processes.forEach(({ accessToken, place }, index) => {
    if (place !== "idle" || accessToken <= expired) return
    steps.add("an access token expires whose successor was not saved", (next) => {
      next.processes[index]!.accessToken = -1
    })
  })
}

const endGrace = (steps: Steps): void => {
  const { configuration, world } = steps
  if (configuration.graceLeases === Infinity) return
  world.tokens.forEach((token, index) => {
    if (token.state !== "grace" || token.leases < configuration.graceLeases || mayBeSentLate(world, index)) return
    steps.add("a grace period ends", (next) => void (next.tokens[index] = { ...token, state: "spent" }))
  })
}

/** The grace period outlasts the freeze of a process that may still send this token. */
const mayBeSentLate = ({ processes, stray }: World, token: number): boolean =>
  stray.some((request) => request.token === token) ||
  processes.some(
    ({ message, place, read }) =>
      (place === "sending" && read?.token === token) || (message?.kind === "request" && message.token === token)
  )
