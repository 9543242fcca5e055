import { disposedError } from "../errors/disposed.ts"
import type { ClientMemory } from "../lifecycle/ClientMemory.ts"
import { lazyBuild, type LazyBuild } from "../runtime/lazyServices.ts"
import type { Settings } from "../TokenKeepLayer.ts"
import { type Adapters, openClient, type OpenClient } from "./openClient.ts"
import { type Linked, recentlyUsed } from "./recentlyUsed.ts"
import { type Remains, remainsOf } from "./remains.ts"

/** The place of one id among the open clients. */
export interface Slot extends Linked<Slot> {
  readonly id: string
  readonly settings: Settings
  /** Builds the client on first use; `undefined` once it is closed. */
  building: Pick<LazyBuild<OpenClient>, "get" | "close"> | undefined
  /** The client, once it is built and until it is closed. */
  client: OpenClient | undefined
  /** How many calls are using it: until they end, it stays open. */
  uses: number
  /** One resolved promise per token, so that the fast path allocates nothing (TOK-1). */
  lastToken: { readonly token: unknown; readonly promise: Promise<unknown> } | undefined
}

export type Pool = ReturnType<typeof makePool>

/** How many clients are looked at when one has to be closed: the oldest may be renewing their tokens. */
const mostLooks = 16

/**
 * The clients of many ids. At most `maxOpen` are open, unless more are in use: the one that was used least recently is
 * closed, and opened again when it is used. There is no timer and no fiber: it is swept when it is used.
 *
 * @param settingsFor The options of one id, checked; throws what is wrong with them.
 * @param adapters What all clients share, built on first use.
 */
export const makePool = (
  settingsFor: (id: string) => Settings,
  adapters: Pick<LazyBuild<Adapters>, "get">,
  maxOpen: number
) => {
  const slots = new Map<string, Slot>()
  /** The open clients that no call is using. */
  const unused = recentlyUsed<Slot>()
  /** What closed clients left, the oldest first. */
  const remains = new Map<string, Remains>()
  let disposed = false

  /** Remembers what a closed client left, and forgets what no longer counts: two of the oldest each time. */
  const remember = ({ id, settings }: Slot, { memory, mono }: OpenClient) => {
    const now = mono()
    const kept = remainsOf(memory, settings, now)
    if (kept !== undefined) remains.set(id, kept)
    let looks = 0
    for (const [other, found] of remains) {
      if (looks++ === 2) return
      remains.delete(other)
      if (found.until > now) remains.set(other, found)
    }
  }

  const close = async (slot: Slot): Promise<void> => {
    const { building, id } = slot
    slots.delete(id)
    unused.remove(slot)
    // A handle that is kept must not keep the client.
    slot.building = undefined
    slot.client = undefined
    slot.lastToken = undefined
    await building?.close()
  }

  const sweep = () => {
    let slot = unused.oldest()
    for (let looks = 0; slot !== undefined && slots.size > maxOpen && looks < mostLooks; looks += 1) {
      const { client, newer } = slot
      if (client?.manager.isIdle() !== false) {
        if (client !== undefined) remember(slot, client)
        void close(slot)
      }
      slot = newer
    }
  }

  /** What the next client of this id must know. */
  const recall = (id: string): Partial<ClientMemory> | undefined => {
    const found = remains.get(id)
    remains.delete(id)
    return found?.memory
  }

  const build = (slot: Slot): NonNullable<Slot["building"]> => {
    let own: LazyBuild<OpenClient> | undefined
    const opened = (client: OpenClient): OpenClient => {
      if (slot.building !== undefined) slot.client = client
      return client
    }
    const from = (context: Adapters) => {
      if (disposed) throw disposedError()
      own ??= lazyBuild((scope) => openClient(slot.settings, context, scope, recall(slot.id)))
      const client = own.get()
      return client instanceof Promise ? client.then(opened) : opened(client)
    }
    return {
      get: () => {
        if (slot.client !== undefined) return slot.client
        const context = adapters.get()
        return context instanceof Promise ? context.then(from) : from(context)
      },
      close: async () => own?.close()
    }
  }

  /** The slot of this id as the one that was used last; throws `DISPOSED`, or what is wrong with the id's options. */
  const use = (id: string, known?: Slot): Slot => {
    if (disposed) throw disposedError()
    const found = known?.building === undefined ? slots.get(id) : known
    if (found !== undefined) {
      if (found.uses === 0) unused.use(found)
      return found
    }
    const slot: Slot = {
      id,
      settings: settingsFor(id),
      building: undefined,
      client: undefined,
      uses: 0,
      lastToken: undefined,
      older: undefined,
      newer: undefined
    }
    slot.building = build(slot)
    slots.set(id, slot)
    sweep()
    unused.use(slot)
    return slot
  }

  /** Keeps the client open until `release` is called as often. */
  const retain = (slot: Slot): void => {
    if (slot.uses++ === 0) unused.remove(slot)
  }

  const release = (slot: Slot): void => {
    slot.uses -= 1
    if (slot.uses > 0 || slot.building === undefined) return
    unused.use(slot)
    if (slots.size > maxOpen) sweep()
  }

  return {
    use,
    retain,
    release,
    /** Makes an open slot that is not in use the one that was used last. */
    touch: unused.use,
    /** The slot of an id that is open. */
    find: (id: string): Slot | undefined => slots.get(id),
    isDisposed: () => disposed,
    size: () => slots.size,
    dispose: async (): Promise<void> => {
      disposed = true
      await Promise.all(Array.from(slots.values(), async (slot) => close(slot)))
      remains.clear()
    }
  }
}
