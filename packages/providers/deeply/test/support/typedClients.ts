import { Deeply, type DeeplyEvent, type DeeplyMic, type DeeplyOptions, type Page } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { onTestFinished } from "vitest"
import { clientOf } from "./clients.ts"

type Item = DeeplyEvent | DeeplyMic

/** The typed client, with the same methods for both APIs; arguments have no type, so that wrong ones can be passed. */
export interface TypedClient {
  readonly list: (name: "events" | "mics", query?: unknown) => Promise<Page<Item>>
  readonly get: (name: "events" | "mics", id: unknown) => Promise<Item>
  /** Reads up to `count` items of `all`. */
  readonly take: (name: "events" | "mics", count: number, query?: unknown) => Promise<ReadonlyArray<Item>>
}

interface Reachable {
  readonly url: string
  readonly apiKey: string
}

const taken = async (items: AsyncIterable<Item>, count: number): Promise<ReadonlyArray<Item>> => {
  const found: Array<Item> = []
  for await (const item of items) if (found.push(item) === count) break
  return found
}

const promised = (server: Reachable, options: DeeplyOptions): TypedClient => {
  const client = clientOf(server, options)
  return {
    list: (name, query) => client[name].list(query as never),
    get: (name, id) => client[name].get(id as never),
    take: (name, count, query) => taken(client[name].all(query as never), count)
  }
}

const effectful = (server: Reachable, options: DeeplyOptions): TypedClient => {
  const runtime = ManagedRuntime.make(Deeply.layerDefault({ apiKey: server.apiKey, host: server.url, ...options }))
  onTestFinished(() => runtime.dispose())
  const run = <A, E>(use: (deeply: Deeply["Service"]) => Effect.Effect<A, E>) => runtime.runPromise(Deeply.use(use))
  return {
    list: (name, query) => run<Page<Item>, unknown>((deeply) => deeply[name].list(query as never)),
    get: (name, id) => run<Item, unknown>((deeply) => deeply[name].get(id as never)),
    take: (name, count, query) =>
      run((deeply) => {
        const all: Stream.Stream<Item, unknown> = deeply[name].all(query as never)
        return Stream.runCollect(count === Infinity ? all : Stream.take(all, count))
      })
  }
}

/** Both APIs. */
export const typedApis: ReadonlyArray<{
  readonly api: string
  readonly open: (server: Reachable, options?: DeeplyOptions) => TypedClient
}> = [
  { api: "promise", open: (server, options = {}) => promised(server, options) },
  { api: "Effect", open: (server, options = {}) => effectful(server, options) }
]
