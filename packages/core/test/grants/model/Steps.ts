import type { Configuration, FaultKind } from "./Configuration.ts"
import { copyWorld, type Process, type World } from "./World.ts"

/** One thing that can happen next. */
export interface Step {
  readonly what: string
  readonly next: World
  readonly isFault: boolean
  /** What the step broke. */
  readonly broken: string | undefined
}

export const moments = [
  "elsewhere",
  "intent written",
  "between clock check and first byte",
  "request under way",
  "response under way",
  "holding the successor"
] as const

/** Where a process is when a fault reaches it: the part of the fault's name that says what can be lost. */
export const moment = ({ message, place, successor }: Process): (typeof moments)[number] => {
  if (successor !== undefined) return "holding the successor"
  if (message?.kind === "request") return "request under way"
  if (message !== undefined && message.answer >= 0) return "response under way"
  if (place === "sending") return "between clock check and first byte"
  return place === "checking" ? "intent written" : "elsewhere"
}

/** Collects the steps that lead out of a world. */
export class Steps {
  readonly all: Array<Step> = []
  readonly world: World
  readonly configuration: Configuration

  constructor(world: World, configuration: Configuration) {
    this.world = world
    this.configuration = configuration
  }

  add(what: string, change: (next: World) => void, broken?: string): void {
    const next = copyWorld(this.world)
    change(next)
    this.all.push({ what, next, isFault: false, broken })
  }

  fault(kind: FaultKind, when: string, change: (next: World) => void): void {
    if (this.world.faultsLeft === 0 || !this.configuration.faultKinds.includes(kind)) return
    const what = when === "" ? kind : `${kind}: ${when}`
    const next = copyWorld(this.world)
    next.faultsLeft -= 1
    next.faults = [...next.faults, what].toSorted()
    change(next)
    this.all.push({ what, next, isFault: true, broken: undefined })
  }
}
