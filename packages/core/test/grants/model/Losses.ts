import type { Configuration } from "./Configuration.ts"
import { moments } from "./Steps.ts"

type FaultSets = ReadonlyArray<ReadonlyArray<string>>

/**
 * The sets of faults that may lose a grant, because no rule can prevent it. All other losses need one of these sets too.
 */
const unavoidable = ({ ownersAreSeen, server, storageForgets }: Configuration): FaultSets => {
  const seen = ownersAreSeen ? "seen" : "unseen"
  const { [server]: sets } = {
    lenient: lostByCrash,
    same: [],
    siblings: [],
    strict: onStrict[seen],
    last: onLast[seen]
  }
  return storageForgets && server === "strict" ? [...sets, ...lostByStorage] : sets
}

const lostByCrash = [
  ["crash: request under way"],
  ["crash: response under way"],
  ["crash: holding the successor"],
  ["connection broken: request under way"],
  ["response lost: successor"]
]
const frozenBeforeSending = "freeze: between clock check and first byte"
const lateSuccessor = [["freeze: response under way"], ["freeze: holding the successor"]]

const onStrict = { seen: lostByCrash, unseen: [...lostByCrash, [frozenBeforeSending], ...lateSuccessor] }

const onLast = {
  // A request that was sent late arrives after the next successor was saved.
  seen: ["crash", "connection broken"].map((kind) => [frozenBeforeSending, `${kind}: request under way`]),
  // A process saves its old successor after the one that replaced it was lost.
  unseen: [
    [frozenBeforeSending],
    ...lateSuccessor.flatMap((freeze) => [...lostByCrash, ...lateSuccessor].map((other) => [...freeze, ...other]))
  ]
}

/** A storage that forgets an intent lets the next process send the token, unless the lease keeps it away. */
const lostByStorage = [
  ["write forgotten: successor"],
  ["write forgotten: intent", "load failed"],
  ...moments.map((when) => ["write forgotten: intent", `lease forgotten: ${when}`])
]

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
export const smallestLosses = (losses: ReadonlyMap<string, number>): FaultSets => {
  const sets = [...losses.keys()].map((name) => name.split(plus))
  const isSmallest = (set: ReadonlyArray<string>) =>
    !sets.some((other) => other.length < set.length && includesSet(set, other))
  return sets.filter(isSmallest)
}

/** The sets of faults that can occur and may lose a grant. */
export const unavoidableLosses = (explored: Configuration): FaultSets => {
  const canOccur = (fault: string) => explored.faultKinds.some((kind) => fault.split(":")[0] === kind)
  return unavoidable(explored).filter((set) => set.length <= explored.faults && set.every(canOccur))
}

export const namesOfSets = (sets: FaultSets): Array<string> => [...new Set(sets.map(nameOfSet))].toSorted()
