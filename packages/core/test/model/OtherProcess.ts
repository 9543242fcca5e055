import type { Lying, LyingToken } from "./Lying.ts"
import { lyingIn } from "./Lying.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { WorldStorage } from "./WorldStorage.ts"

/** What becomes of the lease that another process has. */
export type Ending =
  /** It saves a token; then it gives the lease back, or dies first. */
  | { readonly how: "saves" | "saves and dies"; readonly life: number; readonly ago: number }
  /** The issuer failed, refused the key, or its rate limit, and that is told. */
  | { readonly how: "fails" | "is refused" | "is limited" }
  /** The budget that is shared is used up. */
  | { readonly how: "overspends" }
  | { readonly how: "gives up" }

/** Another process, which shares the record that was asked for last; it does nothing where there is none. */
export const otherProcess = (clock: WorldClock, storage: WorldStorage) => {
  const nameOf = () => storage.lastName()
  const last = (name: string): Lying => lyingIn(name, storage.record(name)) ?? {}

  const told = (ending: Ending, fence: number): Lying => {
    const at = clock.wall
    switch (ending.how) {
      case "fails":
        return { failed: { fence, code: "ISSUER_UNAVAILABLE" } }
      case "is refused":
        return { refusal: { kind: "rejected", status: 401, at, until: at + 30_000, times: 1 } }
      case "is limited":
        return { refusal: { kind: "limited", status: 429, at, until: at + 3_000, times: 0 } }
      case "overspends":
        return { budget: { left: 0, at } }
      default:
        return {}
    }
  }

  const renewed = (name: string, token: LyingToken): Lying => {
    const { budget, observed } = last(name)
    return { token, observed, budget }
  }

  const tokenOf = (id: string, { ago, life }: { readonly ago: number; readonly life: number }): LyingToken => {
    const issuedAt = clock.wall - ago
    return { id, value: id, issuedAt, expiresAt: issuedAt + life }
  }

  return {
    /** Asks for the lease. */
    asks: (wish: { readonly robs: boolean; readonly stuck: boolean }): boolean =>
      nameOf() !== "" && storage.leases.otherAsks(nameOf(), wish),
    /** Comes to an end with the lease that it has. */
    ends: (id: string, ending: Ending): boolean => {
      const name = nameOf()
      const fence = storage.leases.others(name)
      if (fence === undefined) return false
      if (ending.how === "saves" || ending.how === "saves and dies") {
        storage.otherPuts(name, renewed(name, tokenOf(id, ending)), fence)
      } else if (ending.how !== "gives up") {
        storage.otherPuts(name, { ...last(name), ...told(ending, fence) }, fence)
      }
      if (ending.how !== "saves and dies") storage.otherReleases(name, fence)
      return true
    },
    /** Renews at once: with a lease, where the storage grants them. */
    renews: (id: string, token: { readonly ago: number; readonly life: number }): boolean => {
      const name = nameOf()
      const record = storage.record(name)
      if (record === undefined || storage.leases.isHeld(name)) return false
      return storage.otherPuts(
        name,
        renewed(name, tokenOf(id, token)),
        Math.max(record.fence, storage.leases.fence(name)) + 1
      )
    }
  }
}
