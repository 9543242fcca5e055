import type { RecordFields, TokenFields } from "./RecordFields.ts"
import { fieldsIn } from "./RecordFields.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { WorldStorage } from "./WorldStorage.ts"

/** What happens to the lease of another process. */
export type Ending =
  /** It saves a token; then it releases the lease, or dies before that. */
  | { readonly how: "saves" | "saves and dies"; readonly lifetime: number; readonly ago: number }
  /** The issuer failed, rejected the key, or limited it, and the record says so. */
  | { readonly how: "fails" | "is rejected" | "is limited" }
  /** The shared budget is used up. */
  | { readonly how: "uses up the budget" }
  | { readonly how: "releases" }

/** Another process, which shares the record that was loaded last; it does nothing if there is none. */
export const otherProcess = (clock: WorldClock, storage: WorldStorage) => {
  const nameOf = () => storage.lastName()
  const lastFields = (name: string): RecordFields => fieldsIn(name, storage.record(name)) ?? {}

  const failureFields = (ending: Ending, fence: number): RecordFields => {
    const at = clock.wall
    switch (ending.how) {
      case "fails":
        return { failed: { fence, code: "ISSUER_UNAVAILABLE" } }
      case "is rejected":
        return { rejection: { kind: "rejected", status: 401, at, until: at + 30_000, times: 1 } }
      case "is limited":
        return { rejection: { kind: "limited", status: 429, at, until: at + 3_000, times: 0 } }
      case "uses up the budget":
        return { budget: { left: 0, at } }
      default:
        return {}
    }
  }

  const withToken = (name: string, token: TokenFields): RecordFields => {
    const { budget, observed } = lastFields(name)
    return { token, observed, budget }
  }

  const tokenOf = (id: string, { ago, lifetime }: { readonly ago: number; readonly lifetime: number }): TokenFields => {
    const issuedAt = clock.wall - ago
    return { id, value: id, issuedAt, expiresAt: issuedAt + lifetime }
  }

  return {
    /** Asks for the lease. */
    acquires: (request: { readonly steals: boolean; readonly stuck: boolean }): boolean =>
      nameOf() !== "" && storage.leases.otherAcquires(nameOf(), request),
    /** Ends with the lease that it owns. */
    ends: (id: string, ending: Ending): boolean => {
      const name = nameOf()
      const fence = storage.leases.otherFence(name)
      if (fence === undefined) return false
      if (ending.how === "saves" || ending.how === "saves and dies") {
        storage.otherSaves(name, withToken(name, tokenOf(id, ending)), fence)
      } else if (ending.how !== "releases") {
        storage.otherSaves(name, { ...lastFields(name), ...failureFields(ending, fence) }, fence)
      }
      if (ending.how !== "saves and dies") storage.otherReleases(name, fence)
      return true
    },
    /** Renews at once: with a lease, if the storage has leases. */
    renews: (id: string, token: { readonly ago: number; readonly lifetime: number }): boolean => {
      const name = nameOf()
      const record = storage.record(name)
      if (record === undefined || storage.leases.isHeld(name)) return false
      return storage.otherSaves(
        name,
        withToken(name, tokenOf(id, token)),
        Math.max(record.fence, storage.leases.fence(name)) + 1
      )
    }
  }
}
