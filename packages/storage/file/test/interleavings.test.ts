import { describe, expect, it } from "vitest"

// The protocol of the leases as a model: every order in which the steps of some processes can come, with leases that end
// and processes that die between any two of them. What the code does at each step is in src/internal/leases.ts.

/** A file of the folder, and which lease it is. */
interface File {
  readonly name: string
  readonly lease: number
}

/** Where a process is: it looks, judges what it saw, claims, looks again, withdraws, or has the lease. */
interface Process {
  readonly at: "look" | "judge" | "claim" | "verify" | "withdraw" | "inside" | "gone"
  readonly saw: ReadonlyArray<string>
  readonly todo: ReadonlyArray<string>
  readonly fence: number
  readonly lease: number
  readonly tries: number
}

interface State {
  readonly files: ReadonlyArray<File>
  /** Leases that have ended, or whose process is dead. */
  readonly over: ReadonlyArray<number>
  readonly processes: ReadonlyArray<Process>
  readonly ends: number
  readonly deaths: number
  readonly claims: number
}

interface Limits {
  readonly processes: number
  readonly tries: number
  readonly ends: number
  readonly deaths: number
}

/** What becomes of a claim that was not alone. */
type Withdrawing = "leaves a trace" | "removes the file"

const start: Process = { at: "look", saw: [], todo: [], fence: 0, lease: -1, tries: 0 }
const fenceOf = (name: string): number => Number.parseInt(name, 10)
const isLease = (name: string): boolean => name.endsWith(".lease")
const byName = (a: File, b: File): number => (a.name < b.name ? -1 : 1)

const nextStates = (state: State, limits: Limits, withdrawing: Withdrawing): ReadonlyArray<State> => {
  const { claims, deaths, ends, files, over, processes } = state
  const found: Array<State> = []
  for (const [index, me] of processes.entries()) {
    const put = (next: Process, changes: Partial<State> = {}): void => {
      const after = { ...state, ...changes, processes: processes.with(index, next) }
      found.push({ ...after, files: after.files.toSorted(byName), over: after.over.toSorted((a, b) => a - b) })
    }
    const again: Process =
      me.tries + 1 < limits.tries ? { ...start, tries: me.tries + 1 } : { ...start, at: "gone", tries: 0 }
    const mine = `${me.fence}.lease`
    const names = files.map(({ name }) => name)
    const renamed = (to: string) =>
      files.filter(({ name }) => name !== to).map((f) => (f.name === mine ? { ...f, name: to } : f))
    const [first, ...rest] = me.todo
    switch (me.at) {
      case "look":
        put({ ...me, at: "judge", saw: names, todo: names.filter(isLease) })
        break
      case "judge":
        if (first === undefined) put({ ...me, at: "claim", fence: Math.max(...me.saw.map(fenceOf)) + 1 })
        else if (over.includes(files.find(({ name }) => name === first)?.lease ?? NaN)) put({ ...me, todo: rest })
        else put(again)
        break
      case "claim":
        if (names.includes(mine)) put(again)
        else
          put(
            { ...me, at: "verify", lease: claims },
            { files: [...files, { name: mine, lease: claims }], claims: claims + 1 }
          )
        break
      case "verify":
        if (names.includes(mine) && names.every((name) => name === mine || me.saw.includes(name)))
          put({ ...me, at: "inside", todo: me.saw })
        else put({ ...me, at: "withdraw" })
        break
      case "withdraw":
        if (withdrawing === "removes the file") put(again, { files: files.filter(({ name }) => name !== mine) })
        else put(again, { files: names.includes(mine) ? renamed(`${me.fence}.withdrawn`) : files })
        break
      case "inside":
        if (first !== undefined) put({ ...me, todo: rest }, { files: files.filter(({ name }) => name !== first) })
        else
          put(again, {
            files: names.includes(mine) ? renamed(`${me.fence}.released`) : files,
            over: [...over, me.lease]
          })
        break
      case "gone":
        break
    }
    const isOpen = me.lease >= 0 && !over.includes(me.lease)
    if (isOpen && ends > 0) put(me, { over: [...over, me.lease], ends: ends - 1 })
    if (isOpen && deaths > 0) put({ ...start, at: "gone" }, { over: [...over, me.lease], deaths: deaths - 1 })
  }
  return found
}

const holders = ({ over, processes }: State): number =>
  processes.filter(({ at, lease }) => at === "inside" && !over.includes(lease)).length

/** Goes through all states that can be; answers how many there are, and how many have the lease at once at most. */
const explore = (limits: Limits, withdrawing: Withdrawing) => {
  const first: State = {
    files: [{ name: "5.lease", lease: -1 }],
    over: [-1],
    processes: Array.from({ length: limits.processes }, () => start),
    ends: limits.ends,
    deaths: limits.deaths,
    claims: 0
  }
  const seen = new Set([JSON.stringify(first)])
  const waiting = [first]
  let most = 0
  for (let state = waiting.pop(); state !== undefined && most < 2; state = waiting.pop()) {
    most = Math.max(most, holders(state))
    for (const next of nextStates(state, limits, withdrawing)) {
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.add(key)
      waiting.push(next)
    }
  }
  return { states: seen.size, most }
}

describe("whatever the order of the steps", () => {
  const limits: Limits = { processes: 2, tries: 3, ends: 1, deaths: 1 }

  it("TOK-3: one process at a time has a lease that has not ended", { timeout: 300_000 }, () => {
    const { most, states } = explore(limits, "leaves a trace")
    expect(most).toBe(1)
    expect(states).toBeGreaterThan(10_000)
  })

  it("two would have it, if a claim that came to nothing left no trace", { timeout: 300_000 }, () => {
    expect(explore({ ...limits, ends: 2 }, "removes the file").most).toBe(2)
  })
})
