import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AuthorizedClient, Credentials } from "../../src/index.ts"
import { countedWork } from "../support/countedWork.ts"
import { keyOf, testPool } from "../support/testPool.ts"

const others = Array.from({ length: 9_999 }, (_, index) => `customer-${index}`)

/** A request whose URL and headers are searched for keys. */
const headers = { accept: "application/json, text/plain", cookie: "theme=dark; session=9f3c2a71", "x-trace": "a b c" }

describe("POOL-1, KEY-1: the search for keys in a request", () => {
  it.effect("takes as many steps with the keys of 10,000 clients as with that of one, and finds the key of each", () =>
    Effect.gen(function* () {
      const { pool, token } = yield* testPool()
      const fetchOf = AuthorizedClient.use(({ fetch }) => Effect.succeed(fetch)).pipe(pool.provide("first"))
      yield* token("first")
      const fetch = yield* fetchOf
      const request = (sent: Record<string, string>) => () => fetch("/things?page=2&sort=name", { headers: sent })
      const work = () => Effect.promise(() => countedWork(request(headers)))
      yield* work()
      const alone = yield* work()
      assert.isAbove(alone, 0)

      // Only the part of a client that knows its key: a whole one takes longer to open.
      for (const id of others) yield* Layer.build(Credentials.layer(keyOf(id)))
      assert.strictEqual(yield* work(), alone)

      for (const id of ["first", "customer-1", "customer-9998"]) {
        const misused = { ...headers, "x-key": `Key ${keyOf(id)}` }
        const error = yield* Effect.promise(() => request(misused)().catch((thrown: unknown) => thrown))
        assert.propertyVal(error, "code", "CREDENTIAL_MISUSED")
      }
    })
  )
})
