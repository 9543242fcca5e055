import { createDeeply as createWithSchema } from "@tokenkeep/deeply"
import { FetchTransport as LayerOfFetch } from "@tokenkeep/transport-fetch"
import fc from "fast-check"
import { createDeeply, FetchTransport } from "tokenkeep"
import { createFakeDeeply } from "tokenkeep/testing"
import { expect, it, onTestFinished } from "vitest"

// The bundle checks documents without effect's Schema. Here it has to say the same as the package that uses it.

const fake = createFakeDeeply({ rateLimits: false })

/** Answers each document with a body of the test's own, and the issue call as the API does. */
const answering = (body: { current: unknown }) => (input: RequestInfo | URL, init?: RequestInit) => {
  const request = new Request(input, init)
  return request.url.endsWith("/auth/reissue") ? fake.handle(request) : Promise.resolve(Response.json(body.current))
}

const documents = async () => {
  const headers = async () => {
    const issued = await fake.handle(
      new Request("https://deeply.test/api/v1/auth/reissue", { headers: { authorization: `Bearer ${fake.apiKey}` } })
    )
    const { access_token: token } = (await issued.json()) as { access_token: string }
    return { authorization: `Bearer ${token}` }
  }
  const read = async (path: string) =>
    (await fake.handle(new Request(`https://deeply.test${path}`, { headers: await headers() }))).json()
  return { events: await read("/api/v1/events?size=2"), mics: await read("/api/v1/mics?size=2") }
}

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A document with something in it replaced, left out or added. */
const damaged = (document: Json) =>
  fc
    .tuple(
      fc.infiniteStream(fc.nat({ max: 6 })),
      fc.oneof(
        fc.jsonValue() as fc.Arbitrary<Json>,
        fc.constantFrom<Json>(
          -91,
          1.5,
          91,
          2 ** 53,
          "",
          "active",
          "2025-08-01",
          "2025-08-01T09:00:00Z",
          "2025-8-1",
          [],
          {}
        )
      ),
      fc.constantFrom("replace", "remove", "add")
    )
    .map(([steps, value, how]) => damage(structuredClone(document), steps, value, how))

const damage = (node: Json, steps: Iterator<number>, value: Json, how: string): Json => {
  const next = steps.next().value ?? 0
  if (typeof node !== "object" || node === null || next === 6) return how === "remove" ? null : value
  const copy = structuredClone(node) as Record<string, Json>
  const names = Object.keys(copy)
  const name = names[next % Math.max(names.length, 1)] ?? "added"
  if (how === "add" && next === 5) return { ...copy, added: value }
  if (how === "remove" && next > 2 && !Array.isArray(node)) {
    delete copy[name]
    return copy
  }
  copy[name] = damage(copy[name] ?? null, steps, value, how)
  return copy
}

it("the bundle takes and refuses the same documents as @tokenkeep/deeply, for the same reason", async () => {
  const body: { current: unknown } = { current: null }
  const send = answering(body)
  const options = { apiKey: fake.apiKey, host: "https://deeply.test", rateLimits: false }
  const bundled = createDeeply({ ...options, transport: FetchTransport.layer({ fetch: send }) })
  const schema = createWithSchema({ ...options, transport: LayerOfFetch.layer({ fetch: send }) })
  onTestFinished(async () => {
    await Promise.all([bundled.dispose(), schema.dispose()])
  })
  const outcome = async (of: Promise<unknown>) => {
    try {
      return { body: await of }
    } catch (error) {
      return { reason: (error as { reason: unknown }).reason, message: (error as Error).message }
    }
  }
  const { events, mics } = await documents()
  const kinds = { ok: 0, refused: 0 }
  const same = async (name: "events" | "mics", call: "list" | "get", document: Json) => {
    body.current = document
    const ours = await outcome(bundled[name][call]((call === "get" ? "x" : undefined) as never))
    const theirs = await outcome(schema[name][call]((call === "get" ? "x" : undefined) as never))
    expect(ours).toEqual(theirs)
    kinds["body" in ours ? "ok" : "refused"] += 1
  }
  const each = (page: { results: ReadonlyArray<Json> }) => page.results[0]!
  await fc.assert(
    fc.asyncProperty(damaged(events), damaged(mics), damaged(each(events)), damaged(each(mics)), async (...made) => {
      const [eventPage, micPage, event, mic] = made
      await same("events", "list", eventPage)
      await same("mics", "list", micPage)
      await same("events", "get", event)
      await same("mics", "get", mic)
    }),
    { numRuns: 300 }
  )
  expect(kinds.ok).toBeGreaterThan(50)
  expect(kinds.refused).toBeGreaterThan(300)
})
