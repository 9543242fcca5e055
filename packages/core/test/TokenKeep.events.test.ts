import { afterEach, assert, describe, it } from "@effect/vitest"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  createTokenKeep,
  type CreateTokenKeepOptions,
  type TokenEvent,
  type TokenKeep,
  TokenStorage,
  Transport
} from "../src/index.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { taken, untilEnd } from "./support/readers.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { type Script, scriptedTransport, status, tokens } from "./support/scriptedTransport.ts"
import { apiKey } from "./support/testManager.ts"
import { unhandledDuring } from "./support/unhandled.ts"

const keeps: Array<TokenKeep> = []
afterEach(() => Promise.all(keeps.splice(0).map((keep) => keep.dispose())))

const storageLayer = Layer.sync(TokenStorage, () => scriptedStorage().service)

const keepOf = (options: Partial<CreateTokenKeepOptions> & { readonly script?: Script } = {}): TokenKeep => {
  const { script = tokens, ...rest } = options
  const keep = createTokenKeep({
    provider: exampleProvider(),
    apiKey,
    transport: Layer.succeed(Transport, scriptedTransport(script).service),
    storage: Layer.fresh(storageLayer),
    ...rest
  })
  keeps.push(keep)
  return keep
}

const typesOf = (events: ReadonlyArray<TokenEvent>) => events.map(({ type }) => type)

describe("OBS-1: events() of a token keep", () => {
  it("tells what was and what comes, and ends with the dispose", async () => {
    const keep = keepOf()
    const early = untilEnd(keep.events())
    const first = await keep.token()
    await keep.reject(first)
    await keep.token()
    const late = untilEnd(keep.events())
    await keep.dispose()
    const types = ["renewal-started", "issued", "rejected", "renewal-started", "issued"]
    assert.deepStrictEqual(typesOf(await early), types)
    assert.deepStrictEqual(typesOf(await late), types)
    assert.deepStrictEqual(typesOf(await untilEnd(keep.events())), types)
  })

  it("of one that is disposed unused is empty", async () => {
    const keep = keepOf()
    await keep.dispose()
    assert.deepStrictEqual(await untilEnd(keep.events()), [])
  })

  it("works before an adapter that takes time is built", async () => {
    const storage = Layer.effect(
      TokenStorage,
      Effect.promise(async () => {
        await sleep(5)
        return scriptedStorage().service
      })
    )
    const keep = keepOf({ storage })
    const reader = keep.events()[Symbol.asyncIterator]()
    const two = taken(reader, 2)
    await keep.token()
    assert.deepStrictEqual(typesOf(await two), ["renewal-started", "issued"])
    const waiting = reader.next()
    await reader.return?.()
    assert.isTrue((await waiting).done)
  })

  it("ends when a dispose cuts the building short", async () => {
    const keep = keepOf({ storage: Layer.effect(TokenStorage, Effect.never) })
    const reading = untilEnd(keep.events())
    await keep.dispose()
    assert.deepStrictEqual(await reading, [])
  })

  it("that nobody reads leaves no rejection behind when an adapter cannot be built", async () => {
    const storage = Layer.effect(
      TokenStorage,
      Effect.promise(async () => {
        await sleep(1)
        throw new Error("no storage")
      })
    )
    const keep = keepOf({ storage })
    const reading = Effect.promise(async () => {
      keep.events()
      await sleep(10)
    })
    assert.deepStrictEqual(await Effect.runPromise(unhandledDuring(reading)), [])
    const failure = await untilEnd(keep.events()).catch((error: unknown) => String(error))
    assert.strictEqual(failure, "Error: no storage")
  })
})

describe("OBS-1: onEvent of a token keep may do anything", () => {
  it("throw, or fail later", async () => {
    for (const onEvent of [
      () => {
        throw new Error("listener")
      },
      () => Promise.reject(new Error("listener"))
    ]) {
      const keep = keepOf({ onEvent })
      const using = Effect.promise(() => keep.token())
      assert.deepStrictEqual(await Effect.runPromise(unhandledDuring(using)), [])
    }
  })

  it("ask for the token, the status or a rejection inside of an event", async () => {
    const asked: Array<Promise<unknown>> = []
    let rejections = 0
    const keep: TokenKeep = keepOf({
      onEvent: ({ type }) => {
        asked.push(keep.token())
        keep.status()
        keep.peek()
        if (type !== "issued" || rejections === 3) return
        rejections += 1
        asked.push(keep.reject(keep.peek()!))
      }
    })
    const token = await keep.token()
    await Promise.all(asked)
    assert.strictEqual((await keep.token()).reveal(), token.reveal())
    assert.strictEqual(token.reveal(), "token-4")
  })

  it("retry the key inside of its rejection, without an endless loop", async () => {
    let calls = 0
    const keep: TokenKeep = keepOf({
      script: () => {
        calls += 1
        return status(401)
      },
      onEvent: ({ type }) => {
        if (type !== "key-rejected") return
        keep.retryKey()
        void keep.token().catch(() => undefined)
      }
    })
    await keep.token().catch(() => undefined)
    await sleep(50)
    assert.isAtMost(calls, 10)
  })

  it("dispose inside of an event, whichever", async () => {
    for (const at of ["renewal-started", "issued", "rejected"]) {
      const disposals: Array<Promise<void>> = []
      const keep: TokenKeep = keepOf({
        onEvent: ({ type }) => {
          if (type === at) disposals.push(keep.dispose())
        }
      })
      const outcome = await keep
        .token()
        .then(
          (token) => keep.reject(token).then(() => keep.token()),
          (error: unknown) => error
        )
        .catch((error: unknown) => error)
      await Promise.all(disposals)
      assert.include(String(outcome), "disposed", at)
      assert.strictEqual(keep.status().state, "disposed")
    }
  })
})
