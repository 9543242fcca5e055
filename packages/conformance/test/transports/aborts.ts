import { rebodied, type Send, sending, type TransportMutant } from "./TransportMutant.ts"

/** Rejects with another error when the caller's signal is why it rejects. */
const rejectingWith =
  (errorOf: (reason: unknown) => unknown) =>
  (send: Send): Send =>
  async (url, init) => {
    try {
      return await send(url, init)
    } catch (error) {
      throw init.signal?.aborted === true ? errorOf(error) : error
    }
  }

const without = (init: RequestInit): RequestInit => {
  const { signal: _, ...rest } = init
  return rest
}

export const aborts: ReadonlyArray<TransportMutant> = [
  {
    mistake: "looks at the signal after it has sent",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, without(init))
      init.signal?.throwIfAborted()
      return response
    }),
    caughtBy: ["aborted-before-is-not-sent", "aborts-reject-with-their-reason"]
  },
  {
    mistake: "begins to listen to the signal a few turns late",
    layer: sending((send) => async (url, init) => {
      init.signal?.throwIfAborted()
      await (await new Response("prepared").blob()).text()
      const own = new AbortController()
      init.signal?.addEventListener("abort", () => own.abort(init.signal?.reason))
      return send(url, { ...init, signal: own.signal })
    }),
    caughtBy: ["aborted-at-once-is-not-answered"]
  },
  {
    mistake: "rejects aborts with an error of its own",
    layer: sending(rejectingWith(() => new Error("aborted"))),
    caughtBy: ["aborts-reject-with-their-reason", "aborts-without-a-reason"]
  },
  {
    mistake: "takes a deadline for an abort",
    layer: sending(rejectingWith(() => new DOMException("aborted", "AbortError"))),
    caughtBy: ["aborts-without-a-reason"]
  },
  {
    mistake: "forgets the signal once there is an answer",
    layer: sending((send) => async (url, init) => {
      const own = new AbortController()
      const follow = () => own.abort(init.signal?.reason)
      init.signal?.addEventListener("abort", follow)
      const response = await send(url, { ...init, signal: own.signal })
      init.signal?.removeEventListener("abort", follow)
      return response
    }),
    caughtBy: ["aborts-reach-the-body"]
  },
  {
    mistake: "ends bodies that are aborted",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      const reader = response.body?.getReader()
      if (reader === undefined) return response
      return rebodied(
        response,
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          pull: async (controller) => {
            const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
            return done || value === undefined ? controller.close() : controller.enqueue(value)
          }
        })
      )
    }),
    caughtBy: ["aborts-reach-the-body", "a-cut-body-is-an-error", "a-broken-coding-is-an-error"]
  },
  {
    mistake: "goes on listening to a signal, and gives up for good",
    layer: sending((send) => {
      let isOver = false
      return async (url, init) => {
        if (isOver) throw new Error("over")
        init.signal?.addEventListener("abort", () => (isOver = true))
        return send(url, init)
      }
    }),
    caughtBy: ["aborts-after-the-end-are-nothing"]
  },
  {
    mistake: "has no signal for streams",
    layer: sending((send) => (url, init) => send(url, init.body instanceof ReadableStream ? without(init) : init)),
    caughtBy: ["aborts-end-a-stream"]
  },
  {
    mistake: "has one signal for all",
    layer: sending((send) => {
      const shared = new AbortController()
      return (url, init) => {
        init.signal?.addEventListener("abort", () => shared.abort(init.signal?.reason))
        return send(url, { ...init, signal: shared.signal })
      }
    }),
    caughtBy: ["one-abort-is-one-call"]
  }
]
