import { describe, expect, it } from "vitest"
import { clientOf, rejection } from "./support/clients.ts"
import { ok, type RawApi, rawApi, rejectingFirst, type ReceivedRequest } from "./support/servers.ts"

const bytes = Uint8Array.from([0, 1, 2, 3, 250, 251, 252, 253, 254, 255])

/** The types of the platform do not have `duplex` yet. */
const half = { duplex: "half" } as RequestInit

const form = () => {
  const data = new FormData()
  data.append("name", "Jörg & Co\r\n")
  data.append("name", "second")
  data.append("sound", new File([bytes], "крик.wav", { type: "audio/wav" }))
  return data
}

/** A server that rejects the first token, and a client that has it cached. */
const refused = async (options?: Parameters<typeof clientOf>[1]) => {
  let inUse = false
  const refusing = rejectingFirst(ok)
  const server = await rawApi((request, response) => (inUse ? refusing : ok)(request, response))
  const deeply = clientOf(server, options)
  await deeply.fetch("/before")
  inUse = true
  return { deeply, server: { ...server, general: () => server.general().slice(1) } }
}

/** What was sent, without the random boundary of a form. */
const sent = ({ body, headers }: ReceivedRequest) => {
  const type = headers["content-type"]
  const boundary = /boundary=(.+)$/.exec(type ?? "")?.[1] ?? "no boundary"
  return [type?.replace(boundary, "BOUNDARY"), body.toString("latin1").replaceAll(boundary, "BOUNDARY")]
}

/** What the platform's fetch sends for the same request. */
const bare = async (body: BodyInit) => {
  const server = await rawApi(ok)
  await fetch(server.url, { method: "POST", body })
  return server.general().map(sent)[0]
}

const expectTwice = (server: RawApi, expected: unknown) => {
  expect(server.general().map(sent)).toEqual([expected, expected])
  expect(server.tokenRequests()).toBe(2)
}

describe("REQ-2: bodies that can be sent again", () => {
  it.each<[string, () => BodyInit]>([
    ["a string", () => "grüße"],
    ["an empty string", () => ""],
    ["an ArrayBuffer", () => bytes.slice().buffer],
    ["a Uint8Array on a part of its buffer", () => bytes.slice().subarray(2, 7)],
    ["a Uint16Array", () => new Uint16Array(bytes.slice().buffer, 2, 3)],
    ["a Buffer", () => Buffer.from("from Node's pool")],
    ["a DataView", () => new DataView(bytes.slice().buffer, 1, 5)],
    ["a form with a file", form],
    ["URL parameters", () => new URLSearchParams("a=1&b=ü&a=%26")],
    ["a Blob with a type", () => new Blob([bytes, "text"], { type: "audio/x-own" })],
    ["a Blob without a type", () => new Blob([bytes])],
    ["a large body", () => "0123456789".repeat(200_000)]
  ])("REQ-2: %s is sent twice, with the same bytes as with fetch", async (_, make) => {
    const { server, deeply } = await refused()
    expect((await deeply.fetch("/up", { method: "POST", body: make() })).status).toBe(200)
    expectTwice(server, await bare(make()))
  })

  it("REQ-2: the caller's content type is sent both times", async () => {
    const { server, deeply } = await refused()
    await deeply.fetch("/up", { method: "PUT", body: "{}", headers: [["Content-Type", "application/json"]] })
    expectTwice(server, ["application/json", "{}"])
  })

  const mutable: Array<[string, () => { body: BodyInit; change: () => void }]> = [
    [
      "bytes",
      () => {
        const body = bytes.slice()
        return { body, change: () => body.fill(7) }
      }
    ],
    [
      "an ArrayBuffer",
      () => {
        const body = bytes.slice().buffer
        return { body, change: () => new Uint8Array(body).fill(7) }
      }
    ],
    [
      "a DataView",
      () => {
        const body = new DataView(bytes.slice().buffer)
        return { body, change: () => body.setUint8(0, 7) }
      }
    ],
    [
      "URL parameters",
      () => {
        const body = new URLSearchParams("a=1")
        return { body, change: () => body.append("b", "2") }
      }
    ],
    [
      "a form",
      () => {
        const body = form()
        return { body, change: () => body.append("late", "2") }
      }
    ]
  ]

  it.each(mutable)("REQ-2: changing %s after the call changes neither the request nor its replay", async (_, make) => {
    const { server, deeply } = await refused()
    const { body, change } = make()
    const call = deeply.fetch("/up", { method: "POST", body })
    change()
    expect((await call).status).toBe(200)
    expectTwice(server, await bare(make().body))
  })

  it.each(mutable)(
    "REQ-2: changing %s right after a client's first call does not change the request",
    async (_, make) => {
      const server = await rawApi(ok)
      const { body, change } = make()
      const call = clientOf(server).fetch("/up", { method: "POST", body })
      change()
      expect((await call).status).toBe(200)
      expect(server.general().map(sent)).toEqual([await bare(make().body)])
    }
  )
})

describe("REQ-2: streams", () => {
  const stream = (size = 1) =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(bytes)
        size -= 1
        if (size === 0) controller.close()
      }
    })
  async function* generated() {
    yield bytes
  }

  it.each<[string, () => BodyInit]>([
    ["a ReadableStream", () => stream()],
    ["an async iterable", () => generated() as unknown as BodyInit]
  ])("REQ-2: %s is sent once: after a 401 the token is renewed, and the 401 is returned", async (_, make) => {
    const { server, deeply } = await refused()
    const response = await deeply.fetch("/up", { method: "POST", body: make(), ...half })
    expect(response.status).toBe(401)
    expect(server.general()).toHaveLength(1)
    expect(server.general()[0]?.body).toEqual(Buffer.from(bytes))
    expect(server.tokenRequests()).toBe(2)
    expect((await deeply.fetch("/up", { method: "POST", body: make(), ...half })).status).toBe(200)
    expect(server.tokenRequests()).toBe(2)
  })

  it("REQ-2: if the renewal after a stream fails, the call rejects with that error", async () => {
    const server = await rawApi(rejectingFirst(ok))
    let key = server.apiKey
    const deeply = clientOf(server, { apiKey: () => key })
    await deeply.token()
    key = ""
    const call = deeply.fetch("/up", { method: "POST", body: stream(), ...half })
    expect(await rejection(call)).toMatchObject({ code: "API_KEY_MALFORMED" })
    expect(server.general()).toHaveLength(1)
  })

  it("REQ-2: a locked stream rejects with a TypeError, and nothing is sent", async () => {
    const { server, deeply } = await refused()
    const locked = stream()
    locked.getReader()
    expect(await rejection(deeply.fetch("/up", { method: "POST", body: locked, ...half }))).toBeInstanceOf(TypeError)
    expect(server.general()).toEqual([])
  })

  it("REQ-2: a stream without `duplex` rejects with a TypeError, as with fetch", async () => {
    const { server, deeply } = await refused()
    expect(await rejection(deeply.fetch("/up", { method: "POST", body: stream() }))).toBeInstanceOf(TypeError)
    expect(server.general()).toEqual([])
  })
})

describe("REQ-2: the body of a Request", () => {
  const request = (server: RawApi, body: BodyInit, init?: RequestInit) =>
    new Request(`${server.url}/up`, { method: "POST", body, ...init })

  it.each<[string, () => BodyInit]>([
    ["a string", () => "grüße"],
    ["bytes", () => bytes.slice()],
    ["URL parameters", () => new URLSearchParams("a=1")],
    ["a Blob", () => new Blob([bytes], { type: "audio/x-own" })],
    ["a form", form]
  ])("REQ-2: %s in a Request is sent twice, with the same bytes", async (_, make) => {
    const { server, deeply } = await refused()
    expect((await deeply.fetch(request(server, make()))).status).toBe(200)
    expectTwice(server, await bare(make()))
  })

  it("REQ-2: a stream in a Request is sent again if it is within replayBodyLimit", async () => {
    const { server, deeply } = await refused({ replayBodyLimit: 30 })
    const streamed = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let chunk = 0; chunk < 3; chunk += 1) controller.enqueue(bytes)
        controller.close()
      }
    })
    const response = await deeply.fetch(request(server, streamed, half))
    expect(response.status).toBe(200)
    expect(server.general().map(({ body }) => body.length)).toEqual([30, 30])
  })

  it.each([
    [100, 100, 200, 2],
    [101, 100, 401, 1],
    [3_000_000, 100, 401, 1],
    [1024 * 1024, undefined, 200, 2],
    [1024 * 1024 + 1, undefined, 401, 1],
    [1, 0, 401, 1]
  ])(
    "REQ-2: %i bytes in a Request with a replayBodyLimit of %s return a %i after %i requests",
    async (size, limit, status, sends) => {
      const { server, deeply } = await refused(limit === undefined ? {} : { replayBodyLimit: limit })
      const response = await deeply.fetch(request(server, "x".repeat(size)))
      expect(response.status).toBe(status)
      expect(server.general().map(({ body }) => body.length)).toEqual(Array(sends).fill(size))
      expect(server.tokenRequests()).toBe(2)
    }
  )

  it("REQ-2: a Request with a used body rejects with a TypeError, as with fetch", async () => {
    const { server, deeply } = await refused()
    const used = request(server, "text")
    await used.text()
    expect(await rejection(deeply.fetch(used))).toBeInstanceOf(TypeError)
    expect(server.general()).toEqual([])
  })

  it("REQ-2: the body of a Request is used as soon as fetch was called", async () => {
    const server = await rawApi(ok)
    const deeply = clientOf(server)
    for (let call = 0; call < 2; call += 1) {
      const passed = request(server, "text")
      const response = deeply.fetch(passed)
      expect(passed.bodyUsed).toBe(true)
      expect((await response).status).toBe(200)
    }
  })

  it("REQ-2: a body in the init replaces the one of the Request, also in the replay", async () => {
    const { server, deeply } = await refused()
    const original = request(server, "replaced", { headers: { "content-type": "text/own" } })
    expect((await deeply.fetch(original, { body: "replacement" })).status).toBe(200)
    expectTwice(server, ["text/own", "replacement"])
  })
})
