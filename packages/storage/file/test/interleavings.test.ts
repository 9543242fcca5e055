import { describe, expect, it } from "vitest"

// A model of the lease protocol in src/leases.ts. It explores every order in which the steps of some processes can
// happen, while leases end and processes crash between any two steps.

/** A file in the folder, and which lease it belongs to. */
interface File {
  readonly name: string
  readonly lease: number
}

/** The next step of a process and what it knows. */
interface Process {
  /** Read the folder, check the leases in it, claim a fence, read again, withdraw, use the lease; or ended. */
  readonly at: "read" | "check" | "claim" | "verify" | "withdraw" | "owner" | "ended"
  readonly seen: ReadonlyArray<string>
  readonly todo: ReadonlyArray<string>
  readonly fence: number
  readonly lease: number
  readonly tries: number
}

interface State {
  readonly files: ReadonlyArray<File>
  /** Leases that have ended, or whose process has crashed. */
  readonly ended: ReadonlyArray<number>
  readonly processes: ReadonlyArray<Process>
  /** How many leases may still end by themselves. */
  readonly ends: number
  /** How many processes may still crash. */
  readonly crashes: number
  readonly claims: number
}

interface Limits {
  readonly processes: number
  readonly tries: number
  readonly ends: number
  readonly crashes: number
}

/** What a process does with a claim if it finds another one. */
type Withdrawal = "renames the file" | "removes the file"

const start: Process = { at: "read", seen: [], todo: [], fence: 0, lease: -1, tries: 0 }
const fenceOf = (name: string): number => Number.parseInt(name, 10)
const isLease = (name: string): boolean => name.endsWith(".lease")
const byName = (a: File, b: File): number => (a.name < b.name ? -1 : 1)

/** What one step of a process can lead to: its new state, and what it changes in the folder. */
type Step = readonly [next: Process, changes: Partial<State>]

const stepOf = (me: Process, { claims, ended, files }: State, limits: Limits, withdrawal: Withdrawal): Step => {
  const again: Process =
    me.tries + 1 < limits.tries ? { ...start, tries: me.tries + 1 } : { ...start, at: "ended", tries: 0 }
  const ownFile = `${me.fence}.lease`
  const names = files.map(({ name }) => name)
  const renameTo = (to: string) =>
    names.includes(ownFile)
      ? files.filter(({ name }) => name !== to).map((file) => (file.name === ownFile ? { ...file, name: to } : file))
      : files
  const remove = (removed: string) => files.filter(({ name }) => name !== removed)
  const [first, ...rest] = me.todo
  switch (me.at) {
    case "read":
      return [{ ...me, at: "check", seen: names, todo: names.filter(isLease) }, {}]
    case "check":
      if (first === undefined) return [{ ...me, at: "claim", fence: Math.max(...me.seen.map(fenceOf)) + 1 }, {}]
      if (ended.includes(files.find(({ name }) => name === first)?.lease ?? NaN)) return [{ ...me, todo: rest }, {}]
      return [again, {}]
    case "claim":
      if (names.includes(ownFile)) return [again, {}]
      return [
        { ...me, at: "verify", lease: claims },
        { files: [...files, { name: ownFile, lease: claims }], claims: claims + 1 }
      ]
    case "verify":
      if (names.includes(ownFile) && names.every((name) => name === ownFile || me.seen.includes(name)))
        return [{ ...me, at: "owner", todo: me.seen }, {}]
      return [{ ...me, at: "withdraw" }, {}]
    case "withdraw":
      return [again, { files: withdrawal === "removes the file" ? remove(ownFile) : renameTo(`${me.fence}.withdrawn`) }]
    case "owner":
      if (first !== undefined) return [{ ...me, todo: rest }, { files: remove(first) }]
      return [again, { files: renameTo(`${me.fence}.released`), ended: [...ended, me.lease] }]
    case "ended":
      return [me, {}]
  }
}

const nextStates = (state: State, limits: Limits, withdrawal: Withdrawal): ReadonlyArray<State> => {
  const { crashes, ended, ends, processes } = state
  return processes.flatMap((me, index) => {
    const apply = ([next, changes]: Step): State => {
      const after = { ...state, ...changes, processes: processes.with(index, next) }
      return { ...after, files: after.files.toSorted(byName), ended: after.ended.toSorted((a, b) => a - b) }
    }
    const found = [stepOf(me, state, limits, withdrawal)]
    const isOpen = me.lease >= 0 && !ended.includes(me.lease)
    if (isOpen && ends > 0) found.push([me, { ended: [...ended, me.lease], ends: ends - 1 }])
    if (isOpen && crashes > 0) {
      found.push([
        { ...start, at: "ended" },
        { ended: [...ended, me.lease], crashes: crashes - 1 }
      ])
    }
    return found.map(apply)
  })
}

const countOwners = ({ ended, processes }: State): number =>
  processes.filter(({ at, lease }) => at === "owner" && !ended.includes(lease)).length

/** Visits every reachable state. Returns how many there are, and how many processes own the lease at the same time at most. */
const explore = (limits: Limits, withdrawal: Withdrawal) => {
  const first: State = {
    files: [{ name: "5.lease", lease: -1 }],
    ended: [-1],
    processes: Array.from({ length: limits.processes }, () => start),
    ends: limits.ends,
    crashes: limits.crashes,
    claims: 0
  }
  const seen = new Set([JSON.stringify(first)])
  const waiting = [first]
  let mostOwners = 0
  for (let state = waiting.pop(); state !== undefined && mostOwners < 2; state = waiting.pop()) {
    mostOwners = Math.max(mostOwners, countOwners(state))
    for (const next of nextStates(state, limits, withdrawal)) {
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.add(key)
      waiting.push(next)
    }
  }
  return { states: seen.size, mostOwners }
}

describe("in every order of steps", () => {
  const limits: Limits = { processes: 2, tries: 3, ends: 1, crashes: 1 }

  it("TOK-3: at most one process owns a lease that has not ended", () => {
    const { mostOwners, states } = explore(limits, "renames the file")
    expect(mostOwners).toBe(1)
    expect(states).toBeGreaterThan(10_000)
  })

  it("two processes could own it if a withdrawn claim were removed instead of renamed", () => {
    expect(explore({ ...limits, ends: 2 }, "removes the file").mostOwners).toBe(2)
  })
})
