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

/** Where a process is when a fault reaches it: the part of its name that says what can be lost. */
export const moment = ({ message, place, successor }: Process): string => {
  if (successor !== undefined) return "holding the successor"
  if (message !== undefined) return message.kind === "request" ? "request under way" : responseMoment(message.answer)
  if (place === "sending") return "between clock check and first byte"
  if (place === "checking") return "intent written"
  return "elsewhere"
}

const responseMoment = (answer: number): string => (answer >= 0 ? "response under way" : "elsewhere")

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
