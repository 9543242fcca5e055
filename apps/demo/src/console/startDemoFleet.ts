import type { ConsoleFeed } from "console-page"
import { type Member, startFleet } from "fleet"
import { setTimeout } from "node:timers/promises"

/** Milliseconds until a process that was killed is started again. */
const restartAfter = 1_500
const freezeFor = 3_000

/** The place of a process in the fleet: a process that is killed is replaced by another one, in the same lane. */
export interface Slot {
  readonly id: string
  readonly name: string
  /** The processes that were started in this place; the last one is the current one. */
  readonly members: Array<Member>
  state: "running" | "frozen" | "stopped"
}

/** Starts a fleet whose processes the console shows, kills and freezes. */
export const startDemoFleet = async (size: number, options: Parameters<typeof startFleet>[1], feed: ConsoleFeed) => {
  const slots: ReadonlyArray<Slot> = Array.from({ length: size }, (_, index) => ({
    id: String(index + 1),
    name: `Process ${index + 1}`,
    members: [],
    state: "running"
  }))
  /** The first processes get their places in the order in which they were started. */
  const slotOf = (member: Member): Slot | undefined =>
    slots.find(({ members }) => members.includes(member)) ?? slots[member.id - 1]
  const pending = new Set<Promise<void>>()
  let isStopping = false
  let turn = 0

  const setState = (slot: Slot, state: Slot["state"]): void => {
    slot.state = state
    feed.process({ id: slot.id, name: slot.name, state })
  }

  const fleet = await startFleet(size, options, (event, member) => {
    const slot = slotOf(member)
    if (slot !== undefined) feed.tokenEvent({ process: slot.id, connection: slot.id, event })
  })
  for (const member of fleet.all) slots[member.id - 1]?.members.push(member)
  for (const slot of slots) setState(slot, "running")

  /** The next process in turn that runs. */
  const next = (): { readonly slot: Slot; readonly member: Member } | undefined => {
    for (let tries = 0; tries < size; tries += 1) {
      const slot = slots[turn % size]
      turn += 1
      const member = slot?.members.at(-1)
      if (slot?.state === "running" && member !== undefined) return { slot, member }
    }
  }

  const inBackground = (work: () => Promise<void>): void => {
    const running = work().finally(() => pending.delete(running))
    pending.add(running)
  }

  return {
    slots,
    /** Kills a process, and starts another one in its place. */
    kill: async (): Promise<void> => {
      const chosen = next()
      if (chosen === undefined) return
      const { member, slot } = chosen
      setState(slot, "stopped")
      await member.kill()
      inBackground(async () => {
        await setTimeout(restartAfter)
        if (isStopping) return
        const successor = await fleet.add()
        slot.members.push(successor)
        setState(slot, "running")
      })
    },
    freeze: (): void => {
      const chosen = next()
      if (chosen === undefined) return
      const { member, slot } = chosen
      setState(slot, "frozen")
      inBackground(async () => {
        await member.freeze(freezeFor)
        setState(slot, "running")
      })
    },
    /** Lets the requests in flight complete, then ends all processes. */
    stop: async (): Promise<void> => {
      isStopping = true
      await Promise.all(pending)
      await fleet.stop()
    },
    [Symbol.asyncDispose]: () => {
      isStopping = true
      return fleet[Symbol.asyncDispose]()
    }
  }
}

export type DemoFleet = Awaited<ReturnType<typeof startDemoFleet>>
