import type { Configuration } from "./Configuration.ts"
import { earlyVerdict } from "./Outcome.ts"
import { isUsable } from "./Server.ts"
import { isVerdict } from "./Storage.ts"
import type { Step } from "./Steps.ts"
import type { Process, World } from "./World.ts"

/** A grant is lost if no record, no living process and no response has a token that the server accepts. */
export const isLost = (world: World, { rules }: Configuration): boolean => {
  const { grant } = world.records[0]!
  if (world.revoked[grant] !== "no") return world.revoked[grant] === "by reuse"
  const works = (token: number) => world.tokens[token]!.grant === grant && isUsable(world, token)
  if (world.records.some(({ token }) => works(token))) return false
  return !world.processes.some(
    ({ message, remembers, successor }) =>
      (successor !== undefined && works(successor.token)) ||
      (message?.kind === "response" && message.answer >= 0 && works(message.answer)) ||
      (rules.putBackRemembered && remembers !== undefined && works(remembers.token))
  )
}

/** What a step broke that no step may break. */
export const brokenByStep = (world: World, { broken, isFault, next }: Step): string | undefined => {
  if (broken !== undefined || isFault) return broken
  const before = world.records[0]!
  const after = next.records[0]!
  if (after.grant < before.grant) return "a replaced grant was overwritten"
  if (isVerdict(before) && after.token === before.token && !isVerdict(after)) return "a verdict did not stand"
}

/** What is wrong in a world in which nothing more happens. */
export const brokenAtEnd = (world: World): string | undefined => {
  const record = world.records[0]!
  const living = world.processes.filter(({ place }) => place !== "dead")
  if (!living.every((process) => isSettled(world, process))) return "a process never gets a token, nor a verdict"
  if (living.length === 0) return undefined
  if (world.lost && !isVerdict(record)) return "the grant is lost, and the record does not say so"
  if (isVerdict(record) && !world.lost && world.revoked[record.grant] === "no") return "a false verdict stands"
}

const isSettled = ({ expired, lost, records }: World, { accessToken, place, reported }: Process): boolean => {
  if (place === "idle") return accessToken > expired && !lost
  const { grant, state } = records[0]!
  return place === "reporting" && reported?.grant === grant && reported.state === state
}

/**
 * The sets of faults that may lose a grant, because no rule can prevent it. All other losses need one of these sets too.
 */
export const unavoidable = (configuration: Configuration): ReadonlyArray<ReadonlyArray<string>> => {
  const { ownersAreSeen, server, storageForgets } = configuration
  if (server === "same" || server === "siblings") return []
  const freezes = server === "lenient" || ownersAreSeen ? [] : lostByFreeze
  const single = server === "last" ? freezes.slice(0, 1) : [...lostByCrash, ...freezes]
  const pairs = server === "last" ? lostByPair : []
  return [...single.map((fault) => [fault]), ...pairs, ...(storageForgets ? [["write forgotten: successor"]] : [])]
}

const lostByCrash = [
  "crash: request under way",
  "crash: response under way",
  "crash: holding the successor",
  "connection broken: request under way",
  "response lost: successor"
]
const lateSuccessor = ["freeze: response under way", "freeze: holding the successor"]
const lostByFreeze = ["freeze: between clock check and first byte", ...lateSuccessor]

/** On a server of the kind `last`, a process saves its old successor after the one that replaced it was lost. */
const lostByPair = lateSuccessor.flatMap((freeze) => [...lostByCrash, ...lateSuccessor].map((other) => [freeze, other]))

/** Whether all faults of a set occurred, each as often as the set has it. */
export const includesSet = (faults: ReadonlyArray<string>, set: ReadonlyArray<string>): boolean => {
  const left = [...faults]
  return set.every((fault) => {
    const index = left.indexOf(fault)
    if (index !== -1) left.splice(index, 1)
    return index !== -1
  })
}

const plus = " + "

export const nameOfSet = (faults: ReadonlyArray<string>): string => faults.toSorted().join(plus)

/** The sets of faults that lost a grant, without those that contain a smaller one. */
export const smallestLosses = (losses: ReadonlyMap<string, number>): Array<string> => {
  const sets = [...losses.keys()].map((name) => name.split(plus))
  const isSmallest = (set: ReadonlyArray<string>) =>
    !sets.some((other) => other.length < set.length && includesSet(set, other))
  return sets.filter(isSmallest).map(nameOfSet).toSorted()
}

/** The sets of {@link unavoidable} that can occur. */
export const expectedLosses = (explored: Configuration): Array<string> => {
  const canOccur = (fault: string) => explored.faultKinds.some((kind) => fault.startsWith(`${kind}:`))
  const sets = unavoidable(explored).filter((set) => set.length <= explored.faults && set.every(canOccur))
  return [...new Set(sets.map(nameOfSet))].toSorted()
}

/** A lenient server refuses a used token without revoking its successor, so an early verdict is corrected. */
export const isAccepted = (broken: string, { server }: Configuration): boolean =>
  broken === earlyVerdict && server === "lenient"
