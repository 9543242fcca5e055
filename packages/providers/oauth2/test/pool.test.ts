import { assert, describe, it } from "@effect/vitest"
import { createOAuth2Pool, type CreateOAuth2PoolOptions, OAuth2 } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { failure } from "./support/failure.ts"
import { issued, startHandMade } from "./support/startHandMade.ts"
import { secret, startRefreshIssuer } from "oauth2-issuer"

const customers = ["acme", "globex", "initech", "umbrella"]

/** A refresh token for each customer, with the scopes that the user has consented to. */
const consents = async ({ consent }: Awaited<ReturnType<typeof startRefreshIssuer>>) =>
  new Map(
    await Promise.all(customers.map(async (customer) => [customer, (await consent(customer)).refreshToken] as const))
  )

describe("POOL-2: a pool of refresh tokens, with oidc-provider", () => {
  it("POOL-3: exchanges each customer's own, once per access token, also while clients are closed", async () => {
    await using issuer = await startRefreshIssuer()
    const tokens = await consents(issuer)
    const issuedTo: Array<string> = []
    await using pool = createOAuth2Pool({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant: (id) => ({ type: "refresh_token", refreshToken: async () => tokens.get(id), allowVolatile: true }),
      maxOpen: 2,
      onTokenEvent: ({ type }, id) => {
        if (type === "issued") issuedTo.push(id)
      }
    })
    const seen = new Set<string>()
    for (let round = 0; round < 3; round += 1) {
      for (const customer of customers) {
        const client = pool.client(customer)
        assert.strictEqual((await client.fetch("/orders")).status, 200)
        assert.strictEqual(client.status().grant?.id, customer)
        seen.add((await client.token()).id)
        await client.reject(await client.token())
      }
    }
    assert.strictEqual(seen.size, 12)
    assert.deepStrictEqual(issuedTo, [...customers, ...customers, ...customers])
    assert.strictEqual(issuer.rotations(), 12)
    assert.isTrue(
      new Set(issuer.uses.map(({ token }) => token)).size === issuer.uses.length,
      "No refresh token was sent twice."
    )
    assert.strictEqual(pool.size, 2)
  })

  it("POOL-4: one customer's withdrawn consent stops no other, and is replaced for this one", async () => {
    await using issuer = await startRefreshIssuer()
    const tokens = await consents(issuer)
    await using pool = createOAuth2Pool({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant: (id) => ({
        type: "refresh_token",
        refreshToken: id === "acme" ? "rt-withdrawn" : tokens.get(id),
        allowVolatile: true
      }),
      maxOpen: 1
    })
    for (const customer of customers.slice(1)) {
      assert.strictEqual((await failure(pool.client("acme").token())).code, "GRANT_REJECTED")
      assert.strictEqual((await pool.client(customer).fetch("/orders")).status, 200)
    }
    assert.lengthOf(
      issuer.events.filter((event) => event === "rejected"),
      1
    )
    await pool.client("acme").replaceGrant((await issuer.consent("acme")).refreshToken)
    assert.strictEqual((await pool.client("acme").fetch("/orders")).status, 200)
  })

  it("an interrupted exchange keeps its client open until it is over", async () => {
    const open: Array<() => void> = []
    await using server = await startHandMade({
      token: async ({ body }) => {
        if (body.get("refresh_token") === "rt-slow") await new Promise<void>((resolve) => open.push(resolve))
        return { body: { ...issued, refresh_token: `${body.get("refresh_token")}-next` } }
      }
    })
    await using pool = createOAuth2Pool({
      baseUrl: server.url,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", secret },
      grant: (id) => ({ type: "refresh_token", refreshToken: `rt-${id}`, allowVolatile: true }),
      maxOpen: 1
    })
    const abort = new AbortController()
    const aborted = failureOrReason(pool.client("slow").token({ signal: abort.signal }))
    while (open.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    abort.abort(new Error("left"))
    assert.strictEqual(await aborted, "left")
    for (const id of ["a", "b", "c"]) await pool.client(id).token()
    open[0]?.()
    await pool.client("slow").token()
    const sent = server.tokenRequests().map(({ body }) => body.get("refresh_token"))
    assert.deepStrictEqual(
      sent.filter((token) => token === "rt-slow"),
      ["rt-slow"]
    )
    assert.strictEqual(pool.client("slow").status().grant?.generation, 1)
  })
})

const failureOrReason = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "fulfilled",
    (error: unknown) => (error instanceof Error ? error.message : error)
  )

describe("POOL-1: the clients of a pool of client credentials", () => {
  it("read the issuer's metadata once, and send the customer's own secret to the customer's own API", async () => {
    await using server = await startHandMade({
      token: ({ headers }) => ({ body: { ...issued, access_token: `at-of-${headers.authorization?.slice(-8)}` } })
    })
    await using pool = createOAuth2Pool({
      baseUrl: (id) => `${server.url}/${id}`,
      issuer: server.url,
      client: (id) => ({ id: `app-${id}`, secret: () => `s3cr3t-of-${id}-2f6c1d8e` }),
      grant: { type: "client_credentials", scope: "read" },
      maxOpen: 2
    })
    for (let round = 0; round < 2; round += 1) {
      for (const customer of customers) {
        const client = pool.client(customer)
        assert.strictEqual(client.baseUrl, `${server.url}/${customer}/`)
        await client.fetch("/orders")
      }
    }
    const paths = server.received.map(({ path }) => path)
    assert.lengthOf(
      paths.filter((path) => path.includes("/.well-known/")),
      1
    )
    assert.lengthOf(server.tokenRequests(), 4)
    const basic = (customer: string) => `Basic ${btoa(`app-${customer}:s3cr3t-of-${customer}-2f6c1d8e`)}`
    assert.deepStrictEqual(
      server.tokenRequests().map(({ headers }) => headers.authorization),
      customers.map(basic)
    )
    for (const customer of customers) {
      const received = server.received.filter(({ path }) => path === `/${customer}/orders`)
      assert.deepStrictEqual(
        received.map(({ headers }) => headers.authorization),
        [0, 1].map(() => `Bearer at-of-${basic(customer).slice(-8)}`)
      )
    }
  })

  it("with the same credential and the same scope share a token", async () => {
    await using server = await startHandMade()
    await using pool = createOAuth2Pool({
      baseUrl: (id) => `${server.url}/${id}`,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", secret },
      grant: { type: "client_credentials" }
    })
    for (const customer of customers) await pool.client(customer).fetch("/orders")
    assert.lengthOf(server.tokenRequests(), 1)
  })

  it("POOL-2: with the same parameters of another grant share none", async () => {
    await using server = await startHandMade()
    await using pool = createOAuth2Pool({
      baseUrl: server.url,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", secret },
      grant: () => ({ type: "urn:example:grant", parameters: async () => ({ assertion: "same" }) })
    })
    for (const customer of customers) await pool.client(customer).fetch("/orders")
    assert.lengthOf(server.tokenRequests(), 4)
  })
})

const options: CreateOAuth2PoolOptions = {
  baseUrl: "https://api.example.test",
  tokenEndpoint: "https://login.example.test/token",
  client: { id: "app", secret },
  grant: (id) => ({ type: "refresh_token", refreshToken: `rt-${id}`, allowVolatile: true })
}

describe("POOL-1: bad input", () => {
  const wrongPools: ReadonlyArray<readonly [option: string, unknown]> = [
    ["options", undefined],
    ["grant", { ...options, grant: { type: "refresh_token", id: "acme", refreshToken: "rt-acme" } }],
    ["grants", { ...options, grants: () => ({ type: "client_credentials" }) }],
    ["maxOpen", { ...options, maxOpen: "all" }]
  ]
  for (const [option, wrong] of wrongPools) {
    it(`a pool with a wrong ${option}`, async () => {
      const error = await failure(() => createOAuth2Pool(wrong as never))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
    })
  }

  const wrongClients: ReadonlyArray<readonly [option: string, unknown]> = [
    ["grant.id", { grant: () => ({ type: "refresh_token", id: "all", refreshToken: "rt-all" }) }],
    ["grant", { grant: async (id: string) => ({ type: "refresh_token", refreshToken: `rt-${id}` }) }],
    ["grant", { grant: () => undefined }],
    ["baseUrl", { baseUrl: (id: string) => id }],
    ["client", { client: () => "app" }],
    ["fallbackStorage", { fallbackStorage: MemoryStorage.layer() }],
    ["storage", { grant: (id: string) => ({ type: "refresh_token", refreshToken: `rt-${id}` }) }]
  ]
  for (const [option, wrong] of wrongClients) {
    it(`a client with a wrong ${option}: ${JSON.stringify(Object.keys(wrong as object))}`, async () => {
      await using pool = createOAuth2Pool({ ...options, ...(wrong as object) })
      const error = await failure(pool.client("acme").token())
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
    })
  }

  it("a function that throws what may contain a secret", async () => {
    await using pool = createOAuth2Pool({
      ...options,
      grant: (id) => {
        throw new Error(`rt-of-${id}-7d1f0c52`)
      }
    })
    const error = await failure(pool.client("acme").fetch("/orders"))
    assert.strictEqual(error.code, "CREDENTIAL_SOURCE_FAILED")
    assert.notInclude(`${error.message} ${JSON.stringify(error)}`, "7d1f0c52")
  })
})

class Crm extends OAuth2.Pool<Crm>()("test/Crm") {}

describe("POOL-1: a pool as an Effect service", () => {
  it("sends requests with each customer's token, and replaces a grant", async () => {
    await using server = await startHandMade({
      token: ({ body }) => ({ body: { ...issued, access_token: `at-${body.get("refresh_token")}` } })
    })
    const program = Effect.gen(function* () {
      const crm = yield* Crm
      for (const customer of customers) yield* crm.client(customer).request("/orders")
      yield* crm.client("acme").replaceGrant("rt-new")
      yield* crm.client("acme").request("/orders")
      return crm.size()
    })
    const layer = Crm.layer({
      baseUrl: server.url,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", secret: Effect.succeed(secret) },
      grant: (id) => ({ type: "refresh_token", refreshToken: Effect.succeed(`rt-${id}`), allowVolatile: true })
    }).pipe(Layer.provide([FetchTransport.layer(), MemoryStorage.layer()]))
    assert.strictEqual(await Effect.runPromise(Effect.provide(program, layer)), 4)
    assert.deepStrictEqual(
      server.received.filter(({ path }) => path === "/orders").map(({ headers }) => headers.authorization),
      [...customers.map((customer) => `Bearer at-rt-${customer}`), "Bearer at-rt-new"]
    )
  })
})
