import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Verdict } from "../../src/index.ts"
import { testClient } from "../support/testClient.ts"

/** A body that records whether it was cancelled. */
const watched = () => {
  const state = { cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(1_024))),
    cancel: () => {
      state.cancelled = true
    }
  })
  return { state, body }
}

const classifying = (verdict: Verdict) => ({ classify: () => verdict })

describe("a request as an effect", () => {
  for (const status of [401, 403, 429]) {
    it.effect(`a ${status} that the provider does not classify is returned to the caller, with its body`, () =>
      Effect.gen(function* () {
        const apiScript = () => new Response("all of it", { status })
        const { client } = yield* testClient({ apiScript, provider: classifying({ _tag: "Other" }) })
        const response = yield* client.request("/x")
        assert.strictEqual(response.status, status)
        assert.strictEqual(yield* Effect.promise(() => response.text()), "all of it")
      })
    )

    it.effect(`a ${status} about authorization is cancelled, however long its body is`, () =>
      Effect.gen(function* () {
        const bodies = [watched(), watched()]
        const apiScript = (_: unknown, index: number) => new Response(bodies[index]?.body ?? null, { status })
        const { client } = yield* testClient({ apiScript, provider: classifying({ _tag: "Forbidden" }) })
        assert.strictEqual((yield* Effect.flip(client.request("/x"))).code, "FORBIDDEN")
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        const sent = status === 401 ? 2 : 1
        assert.deepStrictEqual(
          bodies.map(({ state }) => state.cancelled),
          [true, sent === 2]
        )
      })
    )
  }
})
