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
  type TokenVerdict,
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
import { type StorageObserver, type Watching, worldStorage } from "./WorldStorage.ts"

/** How the issuer handles a token request. */
export type IssuerBehaviour =
  | { readonly does: "issue"; readonly lifetime: number | undefined }
  | { readonly does: "unavailable" | "disconnect" | "nonsense" | "redirect" | "too large" | "malformed token" }
  /** As documented, or as a portal or firewall does. */
  | { readonly does: "reject"; readonly documented: boolean }
  | { readonly does: "limit"; readonly millis: number }
  /** Stays open until a command responds. */
  | { readonly does: "stay open" }

/** A token request as the transport received it. */
export interface SentTokenRequest {
  readonly number: number
  readonly key: string
  /** When it was sent, by either clock. */
  readonly wall: number
  readonly mono: number
  readonly respond: (behaviour: IssuerBehaviour) => void
}

/** The shared storage, or the fallback that is used while it fails. */
export type Place = "primary" | "fallback"

/** Observes the ports. */
export interface Observer {
  readonly storage: (place: Place) => StorageObserver
  readonly keyRead: (key: string) => void
  readonly requestSent: (request: SentTokenRequest) => void
  readonly responded: (request: SentTokenRequest, behaviour: IssuerBehaviour, text: string) => void
  readonly requestAborted: (request: SentTokenRequest) => void
  readonly event: (event: TokenEvent, status: () => TokenStatus) => void
}

export interface WorldOptions {
  readonly burst: number
  readonly seed: number
  /** Whether the storage has leases (TOK-3), and how it reports changes. */
  readonly acquireLease: boolean
  readonly watching: Watching
  /** What happens if the storage fails (STO-2). */
  readonly fallback: boolean
  readonly required: boolean
}

export const keys = ["A", "B"] as const
const secretOf = (key: string) => `sk-live-${key.repeat(16)}`

const statuses = { reject: 401, unavailable: 503, limit: 429, redirect: 307 } as const

/** Fibers run in microtasks, so that everything comes to rest within one turn of the event loop. */
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
  observer: Observer,
  options: WorldOptions,
  sabotage: (storage: TokenStorage["Service"]) => TokenStorage["Service"] = (storage) => storage
) {
  const verdicts: Array<TokenVerdict> = []
  const open: Array<SentTokenRequest> = []
  const storage = worldStorage(clock, observer.storage("primary"), options)
  const fallback = worldStorage(clock, observer.storage("fallback"), { acquireLease: true, watching: "none" })
  let requests = 0
  const state = { key: "A" as string, behaviour: { does: "issue", lifetime: 60_000 } as IssuerBehaviour }

  const remember = (verdict: TokenVerdict): string => String(verdicts.push(verdict) - 1)

  const responseTo = (behaviour: IssuerBehaviour, text: string): TransportResponse => {
    switch (behaviour.does) {
      case "issue":
        return response(
          200,
          remember({
            _tag: "Issued",
            token: text,
            ...(behaviour.lifetime === undefined ? undefined : { lifetime: behaviour.lifetime })
          })
        )
      case "malformed token":
        return response(200, remember({ _tag: "Issued", token: "not a token" }))
      case "limit":
        return response(statuses.limit, remember({ _tag: "RateLimited", resetAt: clock.wall + behaviour.millis }))
      case "reject":
        return response(statuses.reject, remember({ _tag: "KeyRejected", documented: behaviour.documented }))
      case "unavailable":
        return response(statuses.unavailable, remember({ _tag: "Unavailable" }))
      case "redirect":
        return response(statuses.redirect, "")
      case "too large":
        return response(200, "0".repeat(64 * 1024 + 1))
      default:
        return response(200, remember({ _tag: "Invalid", detail: "nonsense" }))
    }
  }

  const send = (_: string, init: RequestInit): Promise<TransportResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
    requests += 1
    const text = `token-${requests}`
    const bearer = new Headers(init.headers).get("authorization")
    const key = keys.find((name) => bearer === `Bearer ${secretOf(name)}`) ?? "unknown"
    const leave = () => void open.splice(open.indexOf(request), 1)
    const request: SentTokenRequest = {
      number: requests,
      key,
      wall: clock.wall,
      mono: clock.mono,
      respond: (behaviour) => {
        leave()
        observer.responded(request, behaviour, text)
        if (behaviour.does === "disconnect") reject(new TypeError("fetch failed"))
        else resolve(responseTo(behaviour, text))
      }
    }
    init.signal?.addEventListener(
      "abort",
      () => {
        if (!open.includes(request)) return
        leave()
        observer.requestAborted(request)
        reject(init.signal?.reason)
      },
      { once: true }
    )
    observer.requestSent(request)
    open.push(request)
    if (state.behaviour.does !== "stay open") request.respond(state.behaviour)
    return promise
  }

  const provider = exampleProvider({ readTokenResponse: ({ text }) => verdicts[Number(text)]! })
  let manager: TokenManager["Service"] | undefined
  const layer = TokenManager.layer({
    budget: { burst: options.burst },
    storageFailure: options.required ? "require" : "degrade",
    onTokenEvent: (event) => observer.event(event, () => manager!.status())
  }).pipe(
    Layer.provide([
      Layer.succeed(Provider, provider),
      Layer.succeed(Transport, Transport.of({ redirects: "visible", send })),
      Layer.succeed(TokenStorage, sabotage(storage.service)),
      Layer.succeed(FallbackStorage, options.fallback ? fallback.service : undefined),
      Credentials.layer(() => {
        observer.keyRead(state.key)
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
