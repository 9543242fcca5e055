import type { Member, SharedStorage } from "fleet"
import { setTimeout as sleep } from "node:timers/promises"
import { processFaults } from "../chaos/processFaults.ts"

/** How often each kind of fault comes, relative to the others. */
export const grantFaults = {
  /** Kills a process and starts another one. */
  kill: 8,
  /** Freezes a process: it wakes up when the time of its exchange may be over. */
  freeze: 4,
  /** The storage fails: a directory cannot be reached, a Redis hangs, or is down and comes back with its data. */
  storage: 2,
  /** The server replaces a refresh token, and its response is cut. */
  response: 3
} as const

export type GrantFault = keyof typeof grantFaults

/** A fault that was injected. */
export interface Injected {
  readonly kind: GrantFault
  /** The process that was killed or frozen. */
  readonly process?: number | undefined
  /** Epoch milliseconds. */
  readonly at: number
  /** When it was over. */
  readonly until: number
}

type ProcessSurroundings = Parameters<typeof processFaults>[0]

/** Makes faults of every kind. Each resolves when another one may come, and the list of what was injected grows. */
export const makeGrantFaults = ({
  kinds,
  loseNextResponse,
  storage,
  ...surroundings
}: ProcessSurroundings & {
  readonly kinds: ReadonlyArray<GrantFault>
  readonly storage: SharedStorage
  readonly loseNextResponse: () => void
}) => {
  const { between } = surroundings
  const injected: Array<Injected> = []
  const { freeze, kill, settled } = processFaults(surroundings)

  const note = (kind: GrantFault, at: number, member?: Member, until = Date.now()) =>
    injected.push({ kind, process: member?.id, at, until })

  const inject: Readonly<Record<GrantFault, () => Promise<unknown>>> = {
    kill: async () => {
      const at = Date.now()
      const member = await kill()
      if (member !== undefined) note("kill", at, member)
    },
    freeze: async () => {
      const at = Date.now()
      const member = await freeze()
      // It is noted at once, with the longest time: a process that is frozen may be why a grant is lost meanwhile.
      if (member !== undefined) note("freeze", at, member, Date.now() + surroundings.freezeMillis[1])
    },
    storage: async () => {
      const faults = Object.values(storage.faults)
      const at = Date.now()
      await faults[Math.floor(between(0, faults.length))]?.()
      note("storage", at)
    },
    response: async () => {
      loseNextResponse()
      note("response", Date.now())
    }
  }

  const total = kinds.reduce((sum, kind) => sum + grantFaults[kind], 0)
  const nextKind = (): GrantFault | undefined => {
    let left = between(0, total)
    return kinds.find((kind) => (left -= grantFaults[kind]) < 0) ?? kinds[0]
  }

  return {
    injected,
    /** Injects faults for this long, with this average pause between two; all in milliseconds. */
    injectFor: async (millis: number, every: number): Promise<void> => {
      const end = performance.now() + millis
      while (performance.now() < end) {
        await sleep(every * between(0.5, 1.5))
        const kind = nextKind()
        if (kind !== undefined) await inject[kind]()
      }
      await settled()
    }
  }
}
