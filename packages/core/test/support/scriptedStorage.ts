import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type ExclusiveRecord, type ExclusiveRecords, type StoredRecord, TokenStorage } from "../../src/index.ts"

/** A storage in memory that fulfils the contract, records each operation, and can be made to fail. */
export const scriptedStorage = (overrides: Partial<TokenStorage["Service"]> = {}) => {
  const records = new Map<string, StoredRecord>()
  const operations: Array<string> = []
  /** Every call of an operation, with the name of its record. */
  const calls: Array<{ readonly operation: string; readonly name: string }> = []
  const working = TokenStorage.of({
    capabilities: { durable: true, shared: true, acquireLease: false, watch: false },
    load: (name) => Effect.sync(() => records.get(name)),
    save: (name, stored) =>
      Effect.sync(() => {
        const last = records.get(name)
        if (last !== undefined && last.fence > stored.fence) return false
        records.set(name, stored)
        return true
      }),
    remove: (name) => Effect.sync(() => void records.delete(name))
  })
  const state = { ...working, ...overrides }
  const service = TokenStorage.of({
    capabilities: working.capabilities,
    load: (name) => {
      calls.push({ operation: "load", name })
      operations.push("load")
      return state.load(name)
    },
    save: (name, stored) => {
      calls.push({ operation: "save", name })
      operations.push("save")
      return state.save(name, stored)
    },
    remove: (name) => {
      calls.push({ operation: "remove", name })
      return state.remove(name)
    }
  })
  return {
    records,
    operations,
    calls,
    service,
    /** Replaces operations from now on; without any, all work again. */
    override: (changes: Partial<TokenStorage["Service"]>) => Object.assign(state, working, changes),
    /** The only record. */
    record: (): StoredRecord => {
      const [record] = records.values()
      if (record === undefined || records.size !== 1) throw new Error(`There are ${records.size} records.`)
      return record
    }
  }
}

interface Granted {
  readonly owner: string
  readonly fence: number
  readonly until: number
}

/** Records that change only by comparison, which can be made to fail. */
const exclusiveRecords = (lastFence: (name: string) => number) => {
  const records = new Map<string, ExclusiveRecord>()
  const working: ExclusiveRecords = {
    load: (name) => Effect.sync(() => records.get(name)),
    replace: (name, { expected, fence, record }) =>
      Effect.sync(() => {
        const version = records.get(name)?.version
        if (version === record.version) return true
        if (version !== expected || (fence ?? Infinity) < lastFence(name)) return false
        records.set(name, record)
        return true
      })
  }
  let current = working
  const service: ExclusiveRecords = {
    load: (name) => Effect.suspend(() => current.load(name)),
    replace: (name, change) => Effect.suspend(() => current.replace(name, change))
  }
  /** Replaces operations from now on; without any, all work again. */
  const override = (changes: Partial<ExclusiveRecords> = {}) => {
    current = { ...working, ...changes }
  }
  return { records, working, override, service }
}

/** The same with leases: what a file or a Redis is to many processes. Time is that of the test's clock. */
export const sharedStorage = () => {
  const storage = scriptedStorage()
  const leases = new Map<string, Granted>()
  const fences = new Map<string, number>()
  const granted: Array<Granted> = []
  let fenced = 0
  const acquireLease: NonNullable<TokenStorage["Service"]["acquireLease"]> = (name, { millis, owner }) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      storage.operations.push("acquireLease")
      const last = leases.get(name)
      if (last !== undefined && last.until > now && last.owner !== owner) {
        return { _tag: "LeaseTaken", owner: last.owner, fence: last.fence, left: last.until - now } as const
      }
      const fence = Math.max(fences.get(name) ?? 0, storage.records.get(name)?.fence ?? 0) + 1
      const lease = { owner, fence, until: now + millis }
      leases.set(name, lease)
      fences.set(name, fence)
      granted.push(lease)
      const release = Effect.sync(() => {
        storage.operations.push("release")
        if (leases.get(name)?.fence === fence) leases.delete(name)
      })
      return { _tag: "Lease", fence, release } as const
    })
  const save: TokenStorage["Service"]["save"] = (name, stored) => {
    if (stored.fence >= (fences.get(name) ?? 0)) return storage.service.save(name, stored)
    fenced += 1
    return Effect.succeed(false)
  }
  const exclusive = exclusiveRecords((name) => fences.get(name) ?? 0)
  return {
    ...storage,
    exclusive,
    leases,
    /** Every lease that was granted, in order. */
    granted,
    /** How many saves were rejected because of their fence. */
    fenced: () => fenced,
    service: TokenStorage.of({
      ...storage.service,
      capabilities: { durable: true, shared: true, acquireLease: true, watch: false },
      save,
      acquireLease,
      exclusive: exclusive.service
    })
  }
}
