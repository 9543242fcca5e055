import { checkFault } from "./checkFault.ts"
import type { Scope } from "../server/FakeRecord.ts"
import type { Fault } from "./Fault.ts"

interface Scripted {
  readonly fault: Fault
  left: number
}

/** @internal The faults that have not been used up, in order. */
export class FaultScript {
  #queue: Scripted[] = []

  add(faults: readonly Fault[]): void {
    if (!Array.isArray(faults)) throw new TypeError("Pass a list of faults, such as [{ status: 503 }]")
    for (const fault of faults) checkFault(fault)
    for (const fault of faults) this.#queue.push({ fault, left: fault.times ?? 1 })
  }

  /** Uses the first fault that applies to this request. */
  take(scope: Scope, path: string): Fault | undefined {
    const scripted = this.#queue.find(({ fault }) => appliesTo(fault, scope, path))
    if (scripted === undefined) return undefined
    scripted.left -= 1
    if (scripted.left === 0) this.#queue = this.#queue.filter((each) => each !== scripted)
    return scripted.fault
  }

  clear(): void {
    this.#queue = []
  }

  get left(): number {
    return this.#queue.reduce((sum, { left }) => sum + left, 0)
  }
}

const appliesTo = ({ on = "any" }: Fault, scope: Scope, path: string) =>
  on === "any" || on === scope || (on.startsWith("/") && path.startsWith(on))
