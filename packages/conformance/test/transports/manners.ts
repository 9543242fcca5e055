import { Transport } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Send, sending, type TransportMutant } from "./TransportMutant.ts"

/** Sends once more where it looks worth it. */
const twiceIf =
  (isWorth: (response: Response | undefined) => boolean) =>
  (send: Send): Send =>
  async (url, init) => {
    try {
      const response = await send(url, init)
      return isWorth(response) ? await send(url, init) : response
    } catch (error) {
      if (!isWorth(undefined)) throw error
      return send(url, init)
    }
  }

/** Errors as some clients make them: with all that was sent. */
const telling =
  (when: (init: RequestInit) => boolean) =>
  (send: Send): Send =>
  async (url, init) => {
    try {
      return await send(url, init)
    } catch (error) {
      throw when(init) ? Object.assign(new Error("failed", { cause: error }), { config: { url, ...init } }) : error
    }
  }

export const manners: ReadonlyArray<TransportMutant> = [
  {
    mistake: "follows redirects, whatever it is told",
    layer: sending((send) => (url, init) => send(url, { ...init, redirect: "follow" })),
    caughtBy: ["hops-are-shown", "redirects-are-errors-when-told"]
  },
  {
    mistake: "shows redirects that were to be errors",
    layer: sending((send) => (url, init) => send(url, { ...init, redirect: "manual" })),
    caughtBy: ["redirects-are-errors-when-told"]
  },
  {
    mistake: "answers for a server that did not",
    layer: sending((send) => (url, init) => send(url, init).catch(() => new Response(null, { status: 502 }))),
    caughtBy: ["no-answer-rejects", "aborted-before-is-not-sent"]
  },
  {
    mistake: "rejects with what is no error",
    layer: sending((send) => (url, init) => send(url, init).catch((error: unknown) => Promise.reject(String(error)))),
    caughtBy: ["no-answer-rejects"]
  },
  {
    mistake: "spares a server that failed",
    layer: sending((send) => {
      let failed = false
      return (url, init) => {
        if (failed) return Promise.reject(new Error("spared"))
        return send(url, init).catch((error: unknown) => {
          failed = true
          throw error
        })
      }
    }),
    caughtBy: ["one-failure-is-one-call"]
  },
  {
    mistake: "puts the request into its errors",
    layer: sending(telling(() => true)),
    caughtBy: ["errors-are-silent", "aborts-are-silent"]
  },
  {
    mistake: "puts the request into its errors, where it may not be seen",
    layer: sending((send) => async (url, init) => {
      try {
        return await send(url, init)
      } catch (error) {
        throw Object.defineProperty(new Error("failed"), "request", { value: { headers: init.headers, error } })
      }
    }),
    caughtBy: ["errors-are-silent"]
  },
  {
    mistake: "puts an aborted request into its error",
    layer: sending(telling(({ signal }) => signal?.aborted === true)),
    caughtBy: ["aborts-are-silent"]
  },
  {
    mistake: "passes on what a parser quotes",
    layer: Layer.succeed(
      Transport,
      Transport.of({
        hops: "visible",
        send: async (url, init) => {
          const response = await fetch(url, init)
          const { body, headers, status } = response
          return { status, headers, body, toResponse: () => response }
        }
      })
    ),
    caughtBy: ["errors-are-silent"]
  },
  {
    mistake: "tries a server once more that is busy",
    layer: sending(twiceIf((response) => response?.status === 503 || response?.status === 429)),
    caughtBy: ["statuses-are-not-tried-again"]
  },
  {
    mistake: "tries once more after a 401",
    layer: sending(twiceIf((response) => response?.status === 401)),
    caughtBy: ["statuses-are-not-tried-again"]
  },
  {
    mistake: "tries a broken connection once more",
    layer: sending(twiceIf((response) => response === undefined)),
    caughtBy: ["faults-are-not-tried-again"]
  },
  {
    mistake: "keeps answers",
    layer: sending((send) => {
      const kept = new Map<string, Response>()
      return async (url, init) => {
        const response = kept.get(url) ?? (await send(url, init))
        kept.set(url, response.clone())
        return response
      }
    }),
    caughtBy: ["answers-are-not-kept"]
  },
  {
    mistake: "keeps cookies",
    layer: sending((send) => {
      let jar: string | undefined
      return async (url, init) => {
        const headers = new Headers(init.headers)
        if (jar !== undefined) headers.set("cookie", jar)
        const response = await send(url, { ...init, headers })
        jar = response.headers.getSetCookie()[0] ?? jar
        return response
      }
    }),
    caughtBy: ["cookies-are-not-kept"]
  },
  {
    mistake: "shares a call between those that ask at once",
    layer: sending((send) => {
      const flights = new Map<string, Promise<Response>>()
      return async (url, init) => {
        const { origin } = new URL(url)
        const flight = flights.get(origin) ?? send(url, init).finally(() => flights.delete(origin))
        flights.set(origin, flight)
        return (await flight).clone()
      }
    }),
    caughtBy: ["calls-keep-apart"]
  },
  {
    mistake: "ends answers when it is given up",
    layer: Layer.effect(
      Transport,
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => new AbortController()),
          (own) => Effect.sync(() => own.abort())
        ),
        (own) => Transport.fromFetch((url, init) => fetch(url, { ...init, signal: own.signal }))
      )
    ),
    caughtBy: ["answers-outlive-the-client"]
  },
  {
    mistake: "waits for answers when it is given up",
    layer: Layer.effect(
      Transport,
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => new Set<Promise<unknown>>()),
          (open) => Effect.promise(() => Promise.all(open))
        ),
        (open) =>
          Transport.fromFetch(async (url, init) => {
            const response = await fetch(url, init)
            open.add(response.clone().text())
            return response
          })
      )
    ),
    caughtBy: ["answers-outlive-the-client"]
  }
]
