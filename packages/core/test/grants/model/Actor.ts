import type { FaultKind } from "./Configuration.ts"
import type { Rules } from "./Rules.ts"
import type { Steps } from "./Steps.ts"
import { nameFor, release } from "./Storage.ts"
import type { GrantRecord, Process, World } from "./World.ts"

type Change = (next: World, me: Process) => void

/** One process, and the steps that it adds. */
export class Actor {
  readonly steps: Steps
  readonly index: number
  readonly process: Process
  readonly world: World
  readonly rules: Rules
  /** The name of the record that it uses. */
  readonly name: number

  constructor(steps: Steps, index: number) {
    this.steps = steps
    this.index = index
    this.world = steps.world
    this.process = steps.world.processes[index]!
    this.rules = steps.configuration.rules
    this.name = nameFor(index, this.rules)
  }

  get record(): GrantRecord {
    return this.world.records[this.name]!
  }

  /** Rule 8: a process compares the time with its intent's. */
  get isInTime(): boolean {
    return this.world.running.includes(this.process.fence)
  }

  does(what: string, change: Change, broken?: string): void {
    this.steps.add(`process ${this.index + 1} ${what}`, (next) => change(next, next.processes[this.index]!), broken)
  }

  fails(kind: FaultKind, when: string, change: Change): void {
    this.steps.fault(kind, when, (next) => change(next, next.processes[this.index]!))
  }

  /** A write fails before or after it became durable. */
  writeFails(when: string, write: Change, afterwards: Change): void {
    this.fails("write failed", when, afterwards)
    this.fails("write unacknowledged", when, (next, me) => {
      write(next, me)
      afterwards(next, me)
    })
  }
}

/** Ends an attempt. The next one starts with a look at the record. */
export const giveUp = (next: World, me: Process): void => {
  release(next, me)
  me.place = "idle"
  me.read = undefined
}
