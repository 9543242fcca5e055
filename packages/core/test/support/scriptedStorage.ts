import * as Effect from "effect/Effect"
import { type StoredText, TokenStorage } from "../../src/index.ts"

/** A storage in memory that keeps the contract, counts what it is asked, and can be made to misbehave. */
export const scriptedStorage = (overrides: Partial<TokenStorage["Service"]> = {}) => {
  const records = new Map<string, StoredText>()
  const asked: Array<string> = []
  const working = TokenStorage.of({
    capabilities: { durable: true, shared: true, exclusive: false, watch: false },
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
      asked.push("load")
      return state.load(name)
    },
    save: (name, stored) => {
      asked.push("save")
      return state.save(name, stored)
    },
    remove: (name) => state.remove(name)
  })
  return {
    records,
    asked,
    service,
    /** Replaces operations from now on; without any, it works again. */
    becomes: (operations: Partial<TokenStorage["Service"]>) => Object.assign(state, working, operations),
    /** The only record there is. */
    record: (): StoredText => {
      const [record] = records.values()
      if (record === undefined || records.size !== 1) throw new Error(`There are ${records.size} records.`)
      return record
    }
  }
}
