import type { Configuration } from "./Configuration.ts"
import { type GrantRecord, type Message, places, type Process, type Request, type World } from "./World.ts"

/**
 * A short string for everything in a world that matters for its future. Fences and attempts are only compared for equality,
 * so they are numbered in the order in which they occur here; that makes more worlds equal. Processes have no names: they
 * are sorted, if all use one record.
 */
export const encode = (world: World, { rules }: Configuration): string => {
  const codes: Array<number> = []
  const fences = new Names()
  const attempts = new Names()
  const put = (value: number) => void codes.push(value + 4)
  const putRecord = (record: GrantRecord | undefined) => {
    if (record === undefined) return put(-1)
    put(record.grant)
    put(record.generation)
    put(record.token)
    put(states[record.state])
    put(attempts.of(record.attempt))
    put(fences.of(record.owner))
    put(Number(record.takenOver))
  }
  const putRequest = ({ fence, late, token }: Request) => {
    put(token)
    put(fences.of(fence))
    put(Number(late))
  }
  const putMessage = (message: Message | undefined) => {
    if (message === undefined) return put(-1)
    put(Number(message.kind === "request"))
    put(message.answer)
    putRequest(message)
  }
  const putProcess = (process: Process) => {
    const { remembers, reported, successor } = process
    put(shapeOf(process))
    const fence = isBetween(process) ? 0 : process.fence
    put(fences.of(fence))
    put(Number(world.running.includes(fence)))
    put(Number(process.leased))
    put(attempts.of(isBetween(process) ? 0 : process.intent))
    put(process.accessToken > world.expired ? process.accessToken : -1)
    put(process.refusedToken)
    put(process.restarts)
    putRecord(process.read)
    putMessage(process.message)
    put(reported === undefined ? -1 : reported.grant * 4 + states[reported.state])
    put(remembers === undefined ? -1 : remembers.token)
    put(remembers === undefined ? -1 : remembers.generation)
    if (successor === undefined) return put(-1)
    put(successor.grant)
    put(successor.replaces)
    put(successor.generation)
    put(successor.token)
    put(attempts.of(process.place === "saving" ? successor.expects : 0))
    put(Number(successor.takenOver))
  }
  put(fences.of(world.fences))
  put(fences.of(world.lease))
  world.records.forEach(putRecord)
  putRecord(world.previous)
  for (const fence of world.running) put(fences.of(fence))
  put(-1)
  const { processes } = world
  for (const process of rules.oneRecord ? processes.toSorted(byShape) : processes) putProcess(process)
  for (const token of world.tokens) {
    put(token.grant)
    put(tokenStates[token.state])
    put(token.successor)
    put(token.leases)
  }
  put(-1)
  for (const revoked of world.revoked) put(revocations[revoked])
  world.stray.forEach(putRequest)
  put(-1)
  put(world.expired)
  put(world.rotationsLeft)
  put(world.faultsLeft)
  put(world.replacementsLeft)
  put(world.revocationsLeft)
  put(Number(world.lost))
  for (const fault of world.faults) put(faultNames.of(fault))
  return String.fromCharCode(...codes)
}

/** Numbers things in the order in which they first occur. */
class Names<Thing = number> {
  private readonly seen: Array<Thing> = []

  of(thing: Thing): number {
    const index = this.seen.indexOf(thing)
    return index === -1 ? this.seen.push(thing) - 1 : index
  }
}

const faultNames = new Names<string>()
const states = { ok: 0, exchanging: 1, rejected: 2, lost: 3 }
const tokenStates = { live: 0, grace: 1, spent: 2 }
const revocations = { no: 0, "by reuse": 1, "by the user": 2 }
const numbers = Object.fromEntries(places.map((place, index) => [place, index])) as Record<Process["place"], number>

/** Between two attempts, the last lease and intent do not matter. */
const isBetween = ({ leased, place }: Process): boolean =>
  !leased && (place === "idle" || place === "acquiring" || place === "reporting" || place === "dead")

const shapeOf = ({ message, place, successor }: Process): number =>
  numbers[place] + 16 * (successor?.token ?? -1) + 256 * (message === undefined ? 0 : message.answer + 8)

const byShape = (a: Process, b: Process): number => shapeOf(a) - shapeOf(b) || a.accessToken - b.accessToken
