import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import {
  Credentials,
  FallbackStorage,
  type IssueVerdict,
  Provider,
  type TokenEvent,
  TokenManager,
  type TokenStatus,
  TokenStorage,
  Transport,
  type TransportResponse
} from "../../src/index.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import type { WorldClock } from "./WorldClock.ts"
import { type StorageWitness, type Watching, worldStorage } from "./WorldStorage.ts"

/** What the issuer does with a call. */
export type IssuerMood =
  | { readonly does: "issue"; readonly life: number | undefined }
  | { readonly does: "break" | "fail" | "babble" | "redirect" | "overflow" | "garble" }
  /** In its own words, or in those of a portal or a firewall. */
  | { readonly does: "refuse"; readonly documented: boolean }
  | { readonly does: "limit"; readonly millis: number }
  /** Leaves it open until it is answered by a command. */
  | { readonly does: "dawdle" }

/** An issue call as the transport saw it. */
export interface IssueCall {
  readonly number: number
  readonly key: string
  /** When it was sent, by either clock. */
  readonly wall: number
  readonly mono: number
  readonly answer: (mood: IssuerMood) => void
}

/** Which storage: the one that all share, or the one that stands in while that fails. */
export type Place = "first" | "second"

/** Who watches what goes over the ports. */
export interface Witness {
  readonly storage: (place: Place) => StorageWitness
  readonly keyAsked: (key: string) => void
  readonly called: (call: IssueCall) => void
  readonly answered: (call: IssueCall, mood: IssuerMood, text: string) => void
  readonly aborted: (call: IssueCall) => void
  readonly heard: (event: TokenEvent, status: () => TokenStatus) => void
}

export interface WorldOptions {
  readonly burst: number
  readonly seed: number
  /** Whether the storage elects one of those who need a token (TOK-3), and how it tells of changes. */
  readonly exclusive: boolean
  readonly watching: Watching
  /** What a storage that fails means (STO-2). */
  readonly fallback: boolean
  readonly required: boolean
}

export const keys = ["A", "B"] as const
const secretOf = (key: string) => `sk-live-${key.repeat(16)}`

const statuses = { refuse: 401, break: 503, limit: 429, redirect: 307 } as const

/** Whole fibers run in microtasks, so that one turn of the event loop brings everything to rest. */
const scheduler = new Scheduler.MixedScheduler("async", (run) => {
  let isOff = false
  queueMicrotask(() => isOff || run())
  return () => {
    isOff = true
  }
})

const response = (status: number, body: string): TransportResponse => {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(body))
      controller.close()
    }
  })
  const headers = new Headers(status === 307 ? { location: "https://elsewhere.test/" } : {})
  return { status, headers, body: stream, toResponse: () => new Response(stream, { status, headers }) }
}

/** Everything around the manager, in memory: issuer, storage, key source and clocks; and the manager itself. */
export const makeWorld = Effect.fnUntraced(function* (
  clock: WorldClock,
  witness: Witness,
  options: WorldOptions,
  spoiled: (storage: TokenStorage["Service"]) => TokenStorage["Service"] = (storage) => storage
) {
  const verdicts: Array<IssueVerdict> = []
  const open: Array<IssueCall> = []
  const storage = worldStorage(clock, witness.storage("first"), options)
  const fallback = worldStorage(clock, witness.storage("second"), { exclusive: true, watching: "none" })
  let calls = 0
  const state = { key: "A" as string, mood: { does: "issue", life: 60_000 } as IssuerMood }

  const said = (verdict: IssueVerdict): string => String(verdicts.push(verdict) - 1)

  const responseTo = (mood: IssuerMood, text: string): TransportResponse => {
    switch (mood.does) {
      case "issue":
        return response(
          200,
          said({ _tag: "Issued", token: text, ...(mood.life === undefined ? undefined : { lifetime: mood.life }) })
        )
      case "garble":
        return response(200, said({ _tag: "Issued", token: "not a token" }))
      case "limit":
        return response(statuses.limit, said({ _tag: "RateLimited", resetAt: clock.wall + mood.millis }))
      case "refuse":
        return response(statuses.refuse, said({ _tag: "KeyRejected", documented: mood.documented }))
      case "break":
        return response(statuses.break, said({ _tag: "Unavailable" }))
      case "redirect":
        return response(statuses.redirect, "")
      case "overflow":
        return response(200, "0".repeat(64 * 1024 + 1))
      default:
        return response(200, said({ _tag: "Invalid", detail: "nonsense" }))
    }
  }

  const send = (_: string, init: RequestInit): Promise<TransportResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
    calls += 1
    const text = `token-${calls}`
    const bearer = new Headers(init.headers).get("authorization")
    const key = keys.find((name) => bearer === `Bearer ${secretOf(name)}`) ?? "unknown"
    const leave = () => void open.splice(open.indexOf(call), 1)
    const call: IssueCall = {
      number: calls,
      key,
      wall: clock.wall,
      mono: clock.mono,
      answer: (mood) => {
        leave()
        witness.answered(call, mood, text)
        if (mood.does === "fail") reject(new TypeError("fetch failed"))
        else resolve(responseTo(mood, text))
      }
    }
    init.signal?.addEventListener(
      "abort",
      () => {
        if (!open.includes(call)) return
        leave()
        witness.aborted(call)
        reject(init.signal?.reason)
      },
      { once: true }
    )
    witness.called(call)
    open.push(call)
    if (state.mood.does !== "dawdle") call.answer(state.mood)
    return promise
  }

  const provider = exampleProvider({ readToken: ({ text }) => verdicts[Number(text)]! })
  let manager: TokenManager["Service"] | undefined
  const layer = TokenManager.layer({
    budget: { burst: options.burst },
    storageFailure: options.required ? "require" : "degrade",
    onEvent: (event) => witness.heard(event, () => manager!.status())
  }).pipe(
    Layer.provide([
      Layer.succeed(Provider, provider),
      Layer.succeed(Transport, Transport.of({ hops: "visible", send })),
      Layer.succeed(TokenStorage, spoiled(storage.service)),
      Layer.succeed(FallbackStorage, options.fallback ? fallback.service : undefined),
      Credentials.layer(() => {
        witness.keyAsked(state.key)
        return secretOf(state.key)
      })
    ])
  )
  const context = Context.make(Clock.Clock, clock).pipe(
    Context.add(Scheduler.Scheduler, scheduler),
    Context.add(Random.Random, yield* Random.withSeed(Effect.service(Random.Random), options.seed))
  )
  const scope = yield* Scope.make()
  const built = yield* Effect.provideContext(Layer.buildWithScope(layer, scope), context)
  const fork = Effect.runForkWith(context)
  manager = Context.get(built, TokenManager)

  return {
    manager,
    storage,
    fallback,
    state,
    open,
    fork,
    dispose: () => fork(Scope.close(scope, Exit.void)),
    interrupt: (fiber: Fiber.Fiber<unknown, unknown>) => fork(Fiber.interrupt(fiber))
  }
})

/** Lets everything come to rest; no time passes. */
export const settled = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
