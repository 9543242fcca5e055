import { describe, expect, it } from "vitest"

// A model of src/exclusive. It explores every order in which the steps of some processes can happen. A process that is
// frozen or killed is one whose next step comes late or never, so these orders include all freezes and crashes. A listing
// is not one step: of the files that are created or removed meanwhile, it may contain any.

/** A rule that the storage follows. Without one of them, the model must find a fault. */
type Rule = "drafts before revisions" | "drafts at a grant" | "oldest first" | "marker"

interface Process {
  /** A late writer has a fence that is lower than the one which the owner is granted. */
  readonly kind: "writer" | "late writer" | "reader" | "owner"
  readonly at:
    | "claim"
    | "draft"
    | "list"
    | "listing"
    | "marker?"
    | "read"
    | "link"
    | "relist"
    | "relisting"
    | "remove"
    | "ended"
  /** The files when its listing began, and then the files that it listed. */
  readonly files: ReadonlyArray<string>
  /** The revision that it read, whose successor it links; for a reader, the newest revision when it began. */
  readonly revision: number
  /** What it still has to remove. */
  readonly todo: ReadonlyArray<string>
  readonly writes: number
}

interface State {
  readonly files: ReadonlyArray<string>
  readonly processes: ReadonlyArray<Process>
  /** The newest revision: the number of successful changes. */
  readonly newest: number
  readonly isGranted: boolean
  readonly fault?: "a lost change" | "a late change" | "an old record" | "no record"
}

const isDraft = (file: string): boolean => file.startsWith("draft")
const revisionOf = (file: string): number => (/^\d+$/.test(file) ? Number(file) : 0)
const highest = (files: ReadonlyArray<string>): number => Math.max(0, ...files.map(revisionOf))
const without = (files: ReadonlyArray<string>, file: string) => files.filter((other) => other !== file)
const withFile = (files: ReadonlyArray<string>, file: string) => [...without(files, file), file].toSorted()

/** All that a listing can contain which began with `before` and ended with `after`. */
const listings = (
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): ReadonlyArray<ReadonlyArray<string>> => {
  const certain = before.filter((file) => after.includes(file))
  const possible = [...before, ...after].filter((file) => !certain.includes(file))
  return possible.reduce<ReadonlyArray<ReadonlyArray<string>>>(
    (found, file) => found.flatMap((files) => [files, withFile(files, file)]),
    [certain]
  )
}

const stepsOf = (me: Process, index: number, state: State, broken: Rule | undefined): ReadonlyArray<Partial<State>> => {
  const { files, isGranted, newest, processes } = state
  const draft = `draft-${index}`
  const isReader = me.kind === "reader"
  const to = (changes: Partial<Process>, after: Partial<State> = {}): Partial<State> => ({
    ...after,
    processes: processes.with(index, { ...me, ...changes })
  })
  const end = (): Partial<Process> =>
    me.writes > 1
      ? { at: "draft", files: [], revision: 0, todo: [], writes: me.writes - 1 }
      : { at: "ended", files: [], revision: 0, todo: [] }
  const again = (after: Partial<State> = {}): Partial<State> =>
    to(isReader ? { at: "list", files: [] } : { at: "draft", files: [], revision: 0 }, after)
  const claim = (revision: number): Partial<State> =>
    to(end(), revision < me.revision ? { fault: revision === 0 ? "no record" : "an old record" } : {})
  const [first, ...rest] = me.todo
  switch (me.at) {
    case "claim":
      return [to({ at: "relist" }, { files: withFile(files, "lease") })]
    case "draft":
      return [to({ at: "list" }, { files: withFile(files, draft) })]
    case "list":
      return [to({ at: "listing", files, ...(isReader && { revision: newest }) })]
    case "listing":
      return listings(me.files, files).map((listed) =>
        me.kind === "late writer" && listed.includes("lease")
          ? to({ at: "ended", files: [], revision: 0 }, { files: without(files, draft) })
          : to({ at: highest(listed) > 0 ? "read" : "marker?", files: listed.filter((file) => revisionOf(file) > 0) })
      )
    case "marker?":
      if (files.includes("marker")) return [again()]
      return [isReader ? claim(0) : to({ at: "link", revision: 0, files: [] })]
    case "read": {
      const read = highest(me.files)
      if (!files.includes(`${read}`)) return [again()]
      return [isReader ? claim(read) : to({ at: "link", revision: read, files: [] })]
    }
    case "link": {
      const next = `${me.revision + 1}`
      if (!files.includes(draft) || files.includes(next)) return [again({ files: without(files, draft) })]
      // The draft's own name goes at once: nothing depends on it after the link.
      const linked = withFile(without(files, draft), next)
      if (me.kind === "late writer" && isGranted) return [to({}, { fault: "a late change" })]
      if (me.revision !== newest) return [to({}, { fault: "a lost change" })]
      return [to({ at: "relist", revision: newest + 1 }, { files: linked, newest: newest + 1 })]
    }
    case "relist":
      return [to({ at: "relisting", files })]
    case "relisting":
      return listings(me.files, files).map((listed) => {
        if (me.kind === "owner")
          return to({ at: "remove", files: [], todo: broken === "drafts at a grant" ? [] : listed.filter(isDraft) })
        const older = listed
          .filter((file) => revisionOf(file) > 0 && revisionOf(file) < me.revision)
          .toSorted((a, b) => revisionOf(a) - revisionOf(b))
        if (older.length === 0) return to(end())
        const drafts = broken === "drafts before revisions" ? [] : listed.filter(isDraft)
        const todo = [
          ...drafts,
          ...(broken === "marker" ? [] : ["marker"]),
          ...(broken === "oldest first" ? older.toReversed() : older)
        ]
        return to({ at: "remove", files: [], todo })
      })
    case "remove":
      if (first === undefined) return [to(end(), me.kind === "owner" ? { isGranted: true } : {})]
      return [to({ todo: rest }, { files: first === "marker" ? withFile(files, first) : without(files, first) })]
    case "ended":
      return []
  }
}

const firstStep = { writer: "draft", "late writer": "draft", reader: "list", owner: "claim" } as const

const start = (kind: Process["kind"], writes = 1): Process => ({
  kind,
  at: firstStep[kind],
  files: [],
  revision: 0,
  todo: [],
  writes
})

/** Visits every state that can be reached. Returns how many there are, and the faults that were found. */
const explore = (processes: ReadonlyArray<Process>, broken?: Rule) => {
  const first: State = { files: [], processes, newest: 0, isGranted: false }
  const seen = new Set([JSON.stringify(first)])
  const waiting = [first]
  const faults = new Set<State["fault"]>()
  for (let state = waiting.pop(); state !== undefined && faults.size === 0; state = waiting.pop()) {
    for (const [index, process] of state.processes.entries()) {
      for (const changes of stepsOf(process, index, state, broken)) {
        const next = { ...state, ...changes }
        if (next.fault !== undefined) {
          faults.add(next.fault)
          continue
        }
        const key = JSON.stringify(next)
        if (seen.has(key)) continue
        seen.add(key)
        waiting.push(next)
      }
    }
  }
  return { states: seen.size, faults: [...faults] }
}

describe("in every order of steps", () => {
  const readAndWritten = [start("writer", 2), start("writer"), start("reader")]
  const granted = [start("writer", 2), start("late writer"), start("owner")]

  it("STO-7: no change is lost, and no reader finds an old record or none", () => {
    const { faults, states } = explore(readAndWritten)
    expect(faults).toEqual([])
    expect(states).toBeGreaterThan(10_000)
  })

  it("STO-7: no process changes a record after a higher fence was granted", () => {
    const { faults, states } = explore(granted)
    expect(faults).toEqual([])
    expect(states).toBeGreaterThan(5_000)
  })

  it.each([
    ["drafts before revisions", "a lost change", readAndWritten],
    ["drafts at a grant", "a late change", granted],
    ["oldest first", "an old record", readAndWritten],
    ["marker", "no record", readAndWritten]
  ] as const)("without the rule %j, there could be %s", (rule, fault, processes) => {
    expect(explore(processes, rule).faults).toContain(fault)
  })
})
