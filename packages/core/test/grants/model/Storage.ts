import type { Rules } from "./Rules.ts"
import type { GrantRecord, Process, World } from "./World.ts"

/** Rule 3: all processes have one record. */
export const nameFor = (index: number, { oneRecord }: Rules): number => (oneRecord ? 0 : index)

/** Rule 2: every write has an attempt of its own, which it returns. */
export const write = (world: World, name: number, record: GrantRecord): number => {
  world.previous = world.records[0]
  world.attempts += 1
  world.records[name] = { ...record, attempt: world.attempts }
  return world.attempts
}

export const grantLease = (world: World, process: Process): void => {
  world.fences += 1
  world.lease = world.fences
  world.running.push(world.fences)
  process.fence = world.fences
  process.leased = true
}

/** The time of an intent goes on when its lease is released (rule 11). */
export const release = (world: World, process: Process): void => {
  if (!process.leased) return
  if (world.lease === process.fence) world.lease = 0
  if (!world.records.some((record) => isIntentOf(record, process.fence))) {
    world.running = world.running.filter((fence) => fence !== process.fence)
  }
  process.leased = false
}

export const isIntentOf = (record: GrantRecord, fence: number): boolean =>
  record.state === "exchanging" && record.owner === fence

export const isVerdict = ({ state }: Pick<GrantRecord, "state">): boolean => state === "lost" || state === "rejected"
