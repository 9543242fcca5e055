import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { type ExclusiveRecord, StorageFailure, TokenStorage } from "../../src/index.ts"
import { grantClient, storedGrant } from "../support/grantClient.ts"
import { held, lost, refreshProvider, refreshServer, responds } from "../support/refreshServer.ts"
import { scriptedStorage, sharedStorage } from "../support/scriptedStorage.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until, whileTimePasses } from "../support/time.ts"

const failure = <A, E>(effect: Effect.Effect<A, E>) => Effect.flip(whileTimePasses(effect))

const key = (letter: string) => letter.repeat(32)

/** A client over a storage that outlives the process, which needs an encryption key. */
const durableClient = ({
  encryptionKey,
  server,
  storage,
  ...grant
}: {
  readonly encryptionKey?: string | ReadonlyArray<string>
  readonly server: ReturnType<typeof refreshServer>
  readonly storage: ReturnType<typeof sharedStorage>
  readonly id?: string
}) =>
  testManager({
    script: server.script,
    storage,
    provider: refreshProvider({ ...grant, allowVolatile: false }),
    encryptionKey: encryptionKey ?? key("a")
  })

describe("GRANT-2: the stored refresh token wins", () => {
  it.effect("over a configured one that was seen before, and not over a new one", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      for (let start = 0; start < 3; start += 1) {
        const { dispose, manager } = yield* grantClient({ server, storage })
        yield* manager.reject(yield* whileTimePasses(manager.get))
        yield* whileTimePasses(manager.get)
        yield* dispose
      }
      assert.strictEqual(new Set(server.received).size, server.received.length)
      server.consent("refresh-new")
      const { manager } = yield* grantClient({ server, storage, grant: { refreshToken: () => "refresh-new" } })
      // Not the stored access token, which is of the consent before.
      yield* whileTimePasses(manager.get)
      assert.strictEqual(server.received.at(-1), "refresh-new")
      assert.lengthOf(storedGrant(storage)["seeds"] as ReadonlyArray<string>, 2)
    })
  )

  it.effect("also if the source of the configured one fails", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const first = yield* grantClient({ server, storage })
      yield* first.manager.reject(yield* whileTimePasses(first.manager.get))
      const refreshToken = () => Promise.reject(new Error("the vault is away"))
      const second = yield* grantClient({ server, storage, grant: { refreshToken } })
      yield* second.manager.reject(yield* whileTimePasses(second.manager.get))
      yield* whileTimePasses(second.manager.get)
      const third = yield* grantClient({ server, storage: sharedStorage(), grant: { refreshToken } })
      assert.strictEqual((yield* failure(third.manager.get)).code, "CREDENTIAL_SOURCE_FAILED")
    })
  )

  for (const [what, forget] of [
    [
      "has an older one again",
      (records: Map<string, ExclusiveRecord>, older: ReadonlyMap<string, ExclusiveRecord>) =>
        older.forEach((record, name) => records.set(name, record))
    ],
    ["has lost it", (records: Map<string, ExclusiveRecord>) => records.clear()]
  ] as const) {
    it.effect(`and a client that has seen it puts it back if the storage ${what}`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const storage = sharedStorage()
        const { manager } = yield* grantClient({ server, storage })
        yield* whileTimePasses(manager.get)
        const older = new Map(storage.exclusive.records)
        yield* manager.reject(yield* whileTimePasses(manager.get))
        yield* whileTimePasses(manager.get)
        forget(storage.exclusive.records, older)
        yield* manager.reject(yield* whileTimePasses(manager.get))
        assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-3")
        assert.deepStrictEqual(server.received, ["refresh-0", "refresh-1", "refresh-2"])
      })
    )
  }

  it.effect("of a rejected consent until there is a new one", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      server.withdraw()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_REJECTED")
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_REJECTED")
      assert.lengthOf(server.received, 1)
      server.consent("refresh-new")
      yield* whileTimePasses(manager.replaceGrant("refresh-new"))
      yield* whileTimePasses(manager.get)
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-new"])
    })
  )
})

describe("GRANT-5: a refresh token in the storage", () => {
  it.effect("is always encrypted, under a name that does not depend on the encryption key", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const first = yield* durableClient({ server, storage })
      yield* whileTimePasses(first.manager.get)
      const second = yield* durableClient({ server, storage, encryptionKey: [key("b"), key("a")] })
      yield* second.manager.reject(yield* whileTimePasses(second.manager.get))
      yield* whileTimePasses(second.manager.get)
      const all = JSON.stringify([...storage.records, ...storage.exclusive.records])
      for (const secret of ["refresh-0", "refresh-1", "refresh-2", "token-1", "token-2"]) assert.notInclude(all, secret)
      assert.lengthOf([...storage.exclusive.records], 1)
      assert.lengthOf([...storage.records], 1)
      assert.lengthOf([...storage.leases.keys(), ...storage.granted.slice(0, 1)], 1)
    })
  )

  it.effect("that another key encrypted is an error, and stays", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const first = yield* durableClient({ server, storage })
      yield* whileTimePasses(first.manager.get)
      const before = JSON.stringify([...storage.exclusive.records])
      const second = yield* durableClient({ server, storage, encryptionKey: key("b") })
      const error = yield* failure(second.manager.get)
      assert.strictEqual(error.code, "STORAGE_FAILED")
      assert.include(error.message, "encrypted with another key")
      assert.include(error.fix, "encryptionKey")
      assert.isFalse(error.retryable)
      assert.strictEqual(JSON.stringify([...storage.exclusive.records]), before)
      assert.deepStrictEqual(server.received, ["refresh-0"])
    })
  )

  for (const [what, change] of [
    ["truncated", (text: string) => text.slice(0, -10)],
    ["empty", () => ""],
    ["of another program", () => "{}"],
    ["of another client", (text: string) => text.replace(/tokenkeep-1-\w{8}/, "tokenkeep-1-00000000")]
  ] as const) {
    it.effect(`that is ${what} is an error, and stays until there is a new consent`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const storage = sharedStorage()
        const first = yield* grantClient({ server, storage })
        yield* whileTimePasses(first.manager.get)
        const { records } = storage.exclusive
        for (const [name, { text, version }] of records) records.set(name, { version, text: change(text) })
        const before = JSON.stringify([...records])
        yield* first.manager.reject(yield* whileTimePasses(first.manager.get))
        const error = yield* failure(first.manager.get)
        assert.strictEqual(error.code, "STORAGE_FAILED")
        assert.isFalse(error.retryable)
        assert.include(error.message, '"acme"')
        assert.strictEqual(JSON.stringify([...records]), before)
        assert.lengthOf(server.received, 1)
        server.consent("refresh-new")
        yield* whileTimePasses(first.manager.replaceGrant("refresh-new"))
        yield* whileTimePasses(first.manager.get)
        assert.strictEqual(server.received.at(-1), "refresh-new")
      })
    )
  }

  for (const retryable of [true, false]) {
    it.effect(
      `cannot be used while the storage fails; the error says whether that can end by itself: ${retryable}`,
      () =>
        Effect.gen(function* () {
          const server = refreshServer()
          const storage = sharedStorage()
          const detail = "a damaged file"
          storage.exclusive.override({
            load: () => Effect.fail(new StorageFailure({ operation: "load", detail, retryable }))
          })
          const { manager } = yield* grantClient({ server, storage })
          const error = yield* failure(manager.get)
          assert.strictEqual(error.code, "STORAGE_FAILED")
          assert.strictEqual(error.retryable, retryable)
          assert.include(error.message, detail)
        })
    )
  }

  /** Texts in which an adapter quotes what it was given. */
  const quotes = (text: string) => [`bad value ${text}`, `bad value ${encodeURIComponent(text)}`, text.slice(3, 15)]

  for (const which of ["load", "replace"] as const) {
    it.effect(`does not appear in the failure of a storage whose ${which} quotes it`, () =>
      Effect.gen(function* () {
        const [first, next, consent] = ["rt-first-4f1c9a7e02", "rt-next-9b3d5e8c17", "rt-consent-77aa01c3d5"] as const
        const server = refreshServer()
        server.consent(first)
        server.incidents.push(responds(() => Response.json({ token: "token-a", lifetime: 60_000, refreshToken: next })))
        const storage = sharedStorage()
        const grant = { refreshToken: () => first }
        const { events, manager } = yield* grantClient({ server, storage, grant, storageGrace: 1 })
        const failing = (detail: string) =>
          storage.exclusive.override({
            [which]: () => Effect.fail(new StorageFailure({ operation: which, detail }))
          })
        for (const detail of quotes(first)) {
          failing(detail)
          assert.notInclude((yield* failure(manager.get)).message, detail)
        }
        storage.exclusive.override()
        yield* manager.reject(yield* whileTimePasses(manager.get))
        for (const detail of [...quotes(first), ...quotes(next)]) {
          failing(detail)
          assert.notInclude((yield* failure(manager.get)).message, detail)
        }
        for (const detail of quotes(consent)) {
          failing(detail)
          assert.notInclude((yield* failure(manager.replaceGrant(consent))).message, detail)
        }
        assert.notMatch(JSON.stringify(events), /4f1c|9b3d|77aa/)
      })
    )
  }

  it.effect("is another one for another id, and the same for another client secret", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const one = refreshServer()
      const two = refreshServer()
      yield* whileTimePasses((yield* grantClient({ server: one, storage })).manager.get)
      const rotated = yield* grantClient({ server: one, storage, source: "sk-live-another-0b9d" })
      yield* rotated.manager.reject(yield* whileTimePasses(rotated.manager.get))
      yield* whileTimePasses(rotated.manager.get)
      assert.deepStrictEqual(one.received, ["refresh-0", "refresh-1"])
      yield* whileTimePasses((yield* grantClient({ server: two, storage, grant: { id: "globex" } })).manager.get)
      assert.deepStrictEqual(two.received, ["refresh-0"])
      assert.lengthOf([...storage.exclusive.records], 2)
    })
  )

  it.effect("is used with another client secret after one was rejected, and a rejected one is shared", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const rejection = () => new Response("", { status: 401 })
      server.incidents.push(responds(rejection), responds(rejection))
      const [old, next] = ["sk-live-the-old-one", "sk-live-the-next-one"] as const
      const first = yield* grantClient({ server, storage, source: old })
      assert.strictEqual((yield* failure(first.manager.get)).code, "API_KEY_REJECTED")
      const second = yield* grantClient({ server, storage, source: old })
      assert.strictEqual((yield* failure(second.manager.get)).code, "API_KEY_REJECTED")
      assert.lengthOf(server.received, 1)
      const third = yield* grantClient({ server, storage, source: ["sk-live-a-wrong-one", next] })
      assert.strictEqual((yield* whileTimePasses(third.manager.get)).reveal(), "token-1")
      assert.lengthOf(server.received, 3)
    })
  )

  const refusals = [
    ["that cannot change records by comparison", scriptedStorage().service, {}, "storage"],
    ["that forgets it", { capabilities: { durable: false, shared: false } }, { allowVolatile: false }, "storage"],
    ["that outlives the process, without encryption", { capabilities: { durable: true } }, {}, "encryptionKey"]
  ] as const
  for (const [what, changes, grant, option] of refusals) {
    it.effect(`is refused by a storage ${what}`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const storage = sharedStorage()
        const { exclusive: _, ...without } = storage.service
        const base = "load" in changes ? without : storage.service
        const capabilities = { ...storage.service.capabilities, ...changes.capabilities }
        const { manager } = yield* testManager({
          script: server.script,
          storage: { ...storage, service: TokenStorage.of({ ...base, capabilities }) },
          provider: refreshProvider(grant)
        })
        const error = yield* failure(manager.get)
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
        assert.strictEqual((yield* failure(manager.replaceGrant("refresh-new"))).code, "CONFIG_INVALID")
        assert.deepStrictEqual(server.received, [])
      })
    )
  }

  for (const [what, token] of [
    ["empty", ""],
    ["with a space", "refresh token"],
    ["with a quotation mark around it", '"refresh-0"'],
    ["of 20 kB", "r".repeat(20_000)]
  ] as const) {
    it.effect(`that is ${what} is refused before it replaces anything`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const storage = sharedStorage()
        const { manager } = yield* grantClient({ server, storage, grant: { refreshToken: () => token } })
        const error = yield* failure(manager.get)
        assert.strictEqual(error.code, "API_KEY_MALFORMED")
        assert.include(error.message, "refresh token")
        assert.strictEqual((yield* failure(manager.replaceGrant(token))).code, "API_KEY_MALFORMED")
        assert.lengthOf([...storage.exclusive.records], 0)
      })
    )
  }
})

describe("GRANT-4: a new consent", () => {
  it.effect("is refused for a provider without a grant", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager()
      const error = yield* failure(manager.replaceGrant("refresh-new"))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "grant" })
    })
  )

  it.effect("is used at once, also by a client that starts later: the stored access token is of the one before", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const worker = yield* grantClient({ server, storage })
      yield* whileTimePasses(worker.manager.get)
      server.consent("refresh-new")
      const signIn = yield* grantClient({ server, storage })
      yield* whileTimePasses(signIn.manager.replaceGrant("refresh-new"))
      const later = yield* grantClient({ server, storage })
      assert.strictEqual((yield* whileTimePasses(later.manager.get)).reveal(), "token-2")
      assert.strictEqual((yield* whileTimePasses(signIn.manager.get)).reveal(), "token-2")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-new"])
    })
  )

  it.effect("that was put in place before is not sent again", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      yield* whileTimePasses(manager.get)
      yield* whileTimePasses(manager.replaceGrant("refresh-0"))
      yield* whileTimePasses(manager.get)
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-1"])
      server.withdraw()
      yield* manager.reject(yield* whileTimePasses(manager.get))
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_REJECTED")
      assert.strictEqual((yield* failure(manager.replaceGrant("refresh-0"))).code, "GRANT_REJECTED")
    })
  )

  it.effect("does not replace a record that another key encrypted", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const first = yield* durableClient({ server, storage })
      yield* whileTimePasses(first.manager.get)
      const second = yield* durableClient({ server, storage, encryptionKey: key("b") })
      assert.strictEqual((yield* failure(second.manager.replaceGrant("refresh-new"))).code, "STORAGE_FAILED")
      yield* first.manager.reject(yield* whileTimePasses(first.manager.get))
      yield* whileTimePasses(first.manager.get)
    })
  )

  it.effect("is seen by other clients at their next renewal, and needs no lease to say that the grant is over", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      server.withdraw()
      const [first, second] = [yield* grantClient({ server, storage }), yield* grantClient({ server, storage })]
      yield* failure(first.manager.get)
      const { length } = storage.granted
      yield* failure(first.manager.get)
      yield* failure(second.manager.get)
      assert.lengthOf(storage.granted, length)
      server.consent("refresh-new")
      yield* whileTimePasses(first.manager.replaceGrant("refresh-new"))
      yield* whileTimePasses(first.manager.get)
      yield* whileTimePasses(second.manager.get)
      assert.strictEqual(second.manager.status().grant?.state, "ok")
    })
  )

  it.effect("is not overwritten by a verdict about the one before", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const late = held()
      server.withdraw()
      server.incidents.push(late.incident)
      const { manager } = yield* grantClient({ server, storage })
      const getting = yield* Effect.forkChild(manager.get, { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      server.consent("refresh-new")
      yield* whileTimePasses(manager.replaceGrant("refresh-new"))
      late.release()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-1")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-new"])
    })
  )
})

describe("GRANT-4: an exchange that is under way when there is a new consent", () => {
  it.effect("gives no access token of the consent before to its callers", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const late = held()
      server.incidents.push(late.incident)
      const [first, second] = [yield* grantClient({ server, storage }), yield* grantClient({ server, storage })]
      const getting = yield* Effect.forkChild(first.manager.get, { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      server.consent("refresh-new")
      yield* whileTimePasses(second.manager.replaceGrant("refresh-new"))
      late.release()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-2")
      assert.strictEqual((yield* whileTimePasses(second.manager.get)).reveal(), "token-2")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-new"])
    })
  )
})

describe("RUN-2: dispose", () => {
  it.effect("waits for the response to a refresh token, and saves the next one", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const late = held()
      server.incidents.push(late.incident)
      const { dispose, manager } = yield* grantClient({ server, storage })
      const getting = yield* Effect.forkChild(Effect.flip(manager.get), { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      const disposing = yield* Effect.forkChild(dispose, { startImmediately: true })
      assert.strictEqual((yield* Fiber.join(getting)).code, "DISPOSED")
      yield* TestClock.adjust(5_000)
      yield* settled
      assert.isUndefined(disposing.pollUnsafe())
      late.release()
      yield* whileTimePasses(Fiber.join(disposing))
      assert.strictEqual(storedGrant(storage)["refreshToken"], "refresh-1")
    })
  )

  it.effect("retries to save the next one if that fails after the response", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const late = held()
      server.incidents.push(late.incident)
      const { dispose, manager } = yield* grantClient({ server, storage })
      yield* Effect.forkChild(Effect.exit(manager.get), { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      const disposing = yield* Effect.forkChild(dispose, { startImmediately: true })
      yield* settled
      yield* TestClock.adjust(5_000)
      yield* settled
      let tries = 0
      storage.exclusive.override({
        replace: () => {
          tries += 1
          if (tries === 2) storage.exclusive.override()
          return Effect.fail(new StorageFailure({ operation: "replace", detail: "disk full" }))
        }
      })
      late.release()
      yield* whileTimePasses(Fiber.join(disposing))
      assert.strictEqual(storedGrant(storage)["refreshToken"], "refresh-1")
    })
  )

  it.effect("does not wait for longer than the deadline", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      server.incidents.push(() => undefined)
      const { dispose, manager } = yield* grantClient({ server, storage, tokenRequest: { deadline: 3_000 } })
      yield* Effect.forkChild(Effect.exit(manager.get), { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      yield* whileTimePasses(dispose)
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
    })
  )
})

describe("GRANT-3: after a crash", () => {
  it.effect("a client that starts two hours later does not wait", () =>
    Effect.gen(function* () {
      const server = refreshServer({ grace: true })
      const storage = sharedStorage()
      server.incidents.push(lost)
      const first = yield* grantClient({ server, storage })
      yield* failure(first.manager.get)
      yield* TestClock.adjust("3 hours")
      const second = yield* grantClient({ server, storage, grant: { grace: 60_000 } })
      const getting = yield* Effect.forkChild(second.manager.get, { startImmediately: true })
      yield* until("it is repeated", () => server.received.length === 2)
      assert.strictEqual((yield* Fiber.join(getting)).reveal(), "token-2")
    })
  )
})
