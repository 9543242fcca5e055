import type { Configuration } from "./Configuration.ts"
import { encode } from "./encode.ts"
import { includesSet, nameOfSet, unavoidableLosses } from "./Losses.ts"
import { outsideSteps } from "./outsideSteps.ts"
import { processSteps } from "./processSteps.ts"
import { brokenAtEnd, brokenByStep, isAccepted, isLost } from "./Properties.ts"
import { Steps } from "./Steps.ts"
import { forgetLeases, timeSteps } from "./timeSteps.ts"
import { firstWorld, type World } from "./World.ts"

export interface Explored {
  readonly states: number
  /** Worlds in which nothing more happens. */
  readonly ends: number
  /** Steps that lose the grant, by the faults before them. */
  readonly losses: ReadonlyMap<string, number>
  /** What no rule may allow, each with the shortest list of steps that leads there. */
  readonly faults: ReadonlyMap<string, ReadonlyArray<string>>
}

/** All worlds that can follow, the nearest first. With `stopAtFault`, it ends at the first fault of the rules. */
export const explore = (configuration: Configuration, { stopAtFault = false } = {}): Explored => {
  const exploration = new Exploration(configuration)
  for (let id = 0; id < exploration.worlds.length; id += 1) {
    exploration.expand(id)
    if (stopAtFault && exploration.faults.size > 0) break
  }
  if (exploration.faults.size === 0) exploration.checkThatItEnds()
  const { ends, faults, losses, worlds } = exploration
  return { states: worlds.length, ends, losses, faults }
}

class Exploration {
  /** A world is dropped when its steps are known. */
  readonly worlds: Array<World | undefined> = []
  readonly losses = new Map<string, number>()
  readonly faults = new Map<string, ReadonlyArray<string>>()
  ends = 0
  private readonly ids = new Map<string, number>()
  private readonly cameFrom: Array<number> = []
  private readonly cameBy: Array<string> = []
  /** The steps that are no faults, as pairs of ids. */
  private readonly edges: Array<number> = []
  private readonly unavoidable: ReadonlyArray<ReadonlyArray<string>>
  private readonly configuration: Configuration

  constructor(configuration: Configuration) {
    this.configuration = configuration
    this.unavoidable = unavoidableLosses(configuration)
    this.idOf(firstWorld(configuration), -1, "")
  }

  expand(id: number): void {
    const world = this.worlds[id]!
    this.worlds[id] = undefined
    const steps = new Steps(world, this.configuration)
    processSteps(steps)
    timeSteps(steps)
    outsideSteps(steps)
    for (const step of steps.all) {
      this.note(brokenByStep(world, step), id, step.what)
      this.noteLoss(world, step.next, id, step.what)
      const next = this.idOf(step.next, id, step.what)
      if (!step.isFault) this.edges.push(id, next)
    }
    if (steps.all.some(({ isFault }) => !isFault)) return
    this.ends += 1
    this.note(brokenAtEnd(world), id, "nothing more happens")
  }

  /** Without faults, every sequence of steps ends: nothing repeats for ever. */
  checkThatItEnds(): void {
    const { edges, worlds } = this
    const incoming = new Int32Array(worlds.length)
    const first = new Int32Array(worlds.length + 1)
    for (let edge = 0; edge < edges.length; edge += 2) {
      first[edges[edge]! + 1]! += 1
      incoming[edges[edge + 1]!]! += 1
    }
    for (let id = 0; id < worlds.length; id += 1) first[id + 1]! += first[id]!
    const ready = [...incoming.keys()].filter((id) => incoming[id] === 0)
    let reached = 0
    for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
      reached += 1
      for (let edge = first[id]!; edge < first[id + 1]!; edge += 1) {
        const next = edges[2 * edge + 1]!
        incoming[next]! -= 1
        if (incoming[next] === 0) ready.push(next)
      }
    }
    if (reached < worlds.length) this.faults.set("processes repeat the same steps for ever", [])
  }

  /** A lost grant stays lost until it is replaced. */
  private noteLoss(world: World, next: World, id: number, what: string): void {
    const wasLost = world.lost && next.records[0]!.grant === world.records[0]!.grant
    next.lost = wasLost || isLost(next, this.configuration)
    if (!next.lost || wasLost) return
    const faults = nameOfSet(next.faults)
    this.losses.set(faults, (this.losses.get(faults) ?? 0) + 1)
    const isUnavoidable = this.unavoidable.some((set) => includesSet(next.faults, set))
    if (!isUnavoidable) this.note(`lost by: ${faults || "no fault"}`, id, what)
  }

  private note(broken: string | undefined, id: number, what: string): void {
    if (broken === undefined || this.faults.has(broken) || isAccepted(broken, this.configuration)) return
    this.faults.set(broken, [...this.wayTo(id), what])
  }

  private wayTo(id: number): Array<string> {
    const way: Array<string> = []
    for (let at = id; at > 0; at = this.cameFrom[at]!) way.push(this.cameBy[at]!)
    return way.toReversed()
  }

  private idOf(world: World, from: number, what: string): number {
    forgetLeases(world)
    if (!this.configuration.storageForgets) world.previous = undefined
    const key = encode(world, this.configuration)
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.ids.set(key, this.worlds.length)
    this.cameFrom.push(from)
    this.cameBy.push(what)
    return this.worlds.push(world) - 1
  }
}
