import { assert, describe, it } from "@effect/vitest"
import { TokenkeepError } from "../../src/index.ts"
import { type Body, bodyOf } from "../../src/requests/body.ts"
import type { PreparedRequest } from "../../src/requests/preparedRequest.ts"
import { isRedirect, nextRequest } from "../../src/requests/redirects.ts"

const start = "https://api.example.test/v1/x"

const headers = {
  authorization: "Basic own",
  cookie: "a=1",
  "proxy-authorization": "Basic proxy",
  host: "api.example.test",
  "content-type": "text/plain",
  "content-length": "4",
  "content-encoding": "gzip",
  "content-language": "en",
  "content-location": "/y",
  "x-trace": "1"
}

const outgoing = (parts: Partial<PreparedRequest> & { readonly method?: string | undefined } = {}): PreparedRequest => {
  const { method, ...rest } = parts
  return {
    url: start,
    init: { headers, ...(method === undefined ? undefined : { method }) },
    body: { _tag: "None" },
    signal: undefined,
    addToken: true,
    overrideAuthorization: false,
    followRedirects: true,
    ...rest
  }
}

const hop = (
  request: PreparedRequest,
  status: number,
  location: string | null,
  policy: "strip" | "refuse" = "strip",
  before = 0
) =>
  nextRequest(
    request,
    {
      status,
      headers: new Headers(location === null ? {} : { location }),
      body: null,
      toResponse: () => new Response(null)
    },
    { policy, base: "https://api.example.test/v1/", followed: before }
  )

const followed = (...call: Parameters<typeof hop>): PreparedRequest => {
  const next = hop(...call)
  if (next === undefined || next instanceof Error) throw new Error(`The redirect was not followed: ${String(next)}`)
  return next
}

/** The URL of a redirect, or its outcome. */
const outcome = (...call: Parameters<typeof hop>): string => {
  const next = hop(...call)
  if (next instanceof TokenkeepError) return next.code
  if (next instanceof TypeError) return `${next.message}: ${(next.cause as Error).message}`
  return next === undefined ? "for the caller" : next.url
}

const textBody = bodyOf("text")
const bodies: Readonly<Record<string, Body>> = {
  none: { _tag: "None" },
  text: textBody,
  stream: bodyOf(new ReadableStream())
}

describe("a redirect changes method and body as fetch does", () => {
  const table: ReadonlyArray<readonly [status: number, method: string | undefined, override: string | undefined]> = [
    ...[301, 302].flatMap((status) => [
      [status, undefined, undefined] as const,
      [status, "GET", "GET"] as const,
      [status, "HEAD", "HEAD"] as const,
      [status, "POST", "GET"] as const,
      [status, "post", "GET"] as const,
      [status, "PUT", "PUT"] as const,
      [status, "PATCH", "PATCH"] as const,
      [status, "DELETE", "DELETE"] as const
    ]),
    [303, undefined, undefined],
    [303, "GET", "GET"],
    [303, "HEAD", "HEAD"],
    ...["POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) => [303, method, "GET"] as const),
    ...[307, 308].flatMap((status) =>
      [undefined, "GET", "HEAD", "POST", "PUT", "DELETE"].map((method) => [status, method, method] as const)
    )
  ]
  for (const [status, method, override] of table) {
    it(`${status} of ${method ?? "no method"} becomes ${override ?? "no method"}`, () => {
      const body = method === undefined || /^(?:GET|HEAD)$/.test(method) ? bodies["none"] : textBody
      const next = followed(outgoing({ method, body: body! }), status, "/v1/y")
      assert.strictEqual(next.init.method, override)
      const dropped = override === "GET" && method !== "GET"
      assert.strictEqual(next.body, dropped ? next.body : body)
      assert.strictEqual(next.body._tag, dropped ? "None" : body!._tag)
      const names = [...new Headers(next.init.headers).keys()].filter((name) => name.startsWith("content-"))
      assert.lengthOf(names, dropped ? 0 : 5)
    })
  }
})

describe("REQ-3: a redirect on the same origin that leaves the base URL", () => {
  for (const location of ["/y", "../y", "/v10/y", "https://api.example.test/", "/v1/%2e%2e/y", "..%2fy"]) {
    it(`is followed without the token, or refused if the options say so: ${location}`, () => {
      const next = followed(outgoing(), 302, location)
      assert.isFalse(next.addToken)
      assert.strictEqual(next.init.headers, headers)
      assert.strictEqual(outcome(outgoing(), 302, location, "refuse"), "REDIRECT_REFUSED")
    })
  }
})

describe("REQ-3: a redirect below the base URL", () => {
  it("keeps the token and every header", () => {
    for (const location of ["/v1/y", "y", "?z", "https://api.example.test/v1/y", "HTTPS://API.example.test:443/v1/y"]) {
      const next = followed(outgoing(), 302, location)
      assert.isTrue(next.addToken)
      assert.strictEqual(next.init.headers, headers)
    }
    assert.strictEqual(followed(outgoing(), 302, "y").url, "https://api.example.test/v1/y")
  })

  it("is followed even if other redirects are refused", () => {
    assert.strictEqual(outcome(outgoing(), 302, "/v1/y", "refuse"), "https://api.example.test/v1/y")
  })

  it("keeps a body that can be replayed, and fails as fetch does for a used stream", () => {
    const method = "POST"
    assert.strictEqual(followed(outgoing({ method, body: textBody }), 307, "/y").body, textBody)
    assert.strictEqual(
      outcome(outgoing({ method, body: bodies["stream"]! }), 307, "/y"),
      "fetch failed: a stream cannot be sent again"
    )
    assert.strictEqual(outcome(outgoing({ method, body: bodies["stream"]! }), 303, "/y"), "https://api.example.test/y")
  })

  it("does not add the token again to a request that lost it", () => {
    assert.isFalse(followed(outgoing({ addToken: false }), 302, "/y").addToken)
  })
})

describe("REQ-3: a redirect to another origin", () => {
  const elsewhere = [
    "https://evil.test/y",
    "//evil.test/y",
    "https://api.example.test:8443/y",
    "https://sub.api.example.test/y",
    "https://api.example.test./y"
  ]
  for (const location of elsewhere) {
    it(`${location} is followed without the token and the caller's own credentials`, () => {
      const next = followed(outgoing(), 302, location)
      assert.isFalse(next.addToken)
      const names = [...new Headers(next.init.headers).keys()]
      assert.notIncludeMembers(names, ["authorization"])
      assert.notIncludeMembers(names, ["cookie"])
      assert.notIncludeMembers(names, ["proxy-authorization"])
      assert.notIncludeMembers(names, ["host"])
      assert.includeMembers(names, ["x-trace", "content-type"])
    })

    it(`${location} is refused if the option says so`, () => {
      assert.strictEqual(outcome(outgoing(), 302, location, "refuse"), "REDIRECT_REFUSED")
    })
  }

  for (const status of [301, 302, 303, 307, 308]) {
    it(`of a request with a body is refused if ${status} would send the body on`, () => {
      const kept = status === 303 ? "https://evil.test/y" : "REDIRECT_REFUSED"
      for (const body of [textBody, bodies["stream"]!]) {
        assert.strictEqual(outcome(outgoing({ method: "PUT", body }), status, "https://evil.test/y"), kept)
      }
      assert.strictEqual(outcome(outgoing({ method: "PUT" }), status, "https://evil.test/y"), "https://evil.test/y")
    })

    it(`from https to http is refused with ${status}, with or without a token`, () => {
      for (const addToken of [true, false]) {
        assert.strictEqual(outcome(outgoing({ addToken }), status, "http://api.example.test/v1/y"), "REDIRECT_REFUSED")
      }
    })
  }

  it("from http to https is followed without the token", () => {
    const next = followed(outgoing({ url: "http://127.0.0.1:8100/x" }), 302, "https://127.0.0.1:8100/x")
    assert.isFalse(next.addToken)
  })

  it("names both origins and nothing of their paths if it is refused", () => {
    const error = hop(outgoing(), 302, "http://evil.test/secret?key=1")
    assert.ok(error instanceof TokenkeepError)
    assert.deepStrictEqual(error.reason, {
      _tag: "RedirectRefused",
      from: "https://api.example.test",
      to: "http://evil.test"
    })
    assert.notMatch(error.message, /secret|key=1/)
  })
})

describe("the Location of a redirect", () => {
  it("leaves the response to the caller if it is absent", () => {
    assert.strictEqual(outcome(outgoing(), 302, null), "for the caller")
  })

  it("fails as fetch does if it cannot be followed", () => {
    assert.strictEqual(outcome(outgoing(), 302, "https://"), "fetch failed: invalid Location")
    for (const location of ["data:text/plain,x", "file:///x", "javascript:1", "blob:https://api.example.test/x"]) {
      assert.strictEqual(outcome(outgoing(), 302, location), "fetch failed: the redirect leaves http")
    }
    for (const location of ["https://user@api.example.test/y", "https://:pass@evil.test/y"]) {
      assert.match(outcome(outgoing(), 302, location), /^fetch failed: the redirect carries a user name/)
    }
  })

  it("inherits the fragment of the request if it has none", () => {
    const url = `${start}#part`
    assert.strictEqual(followed(outgoing({ url }), 302, "/y").url, "https://api.example.test/y#part")
    assert.strictEqual(followed(outgoing({ url }), 302, "/y#own").url, "https://api.example.test/y#own")
  })
})

describe("a redirect", () => {
  it("has status 301, 302, 303, 307 or 308, or is the opaque response of a browser", () => {
    const all = [0, 200, 204, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 401, 500]
    assert.deepStrictEqual(
      all.filter((status) => isRedirect({ status })),
      [0, 301, 302, 303, 307, 308]
    )
  })

  it("is followed twenty times at most, as by fetch", () => {
    assert.strictEqual(outcome(outgoing(), 302, "/v1/y", "strip", 19), "https://api.example.test/v1/y")
    assert.strictEqual(outcome(outgoing(), 302, "/v1/y", "strip", 20), "fetch failed: redirect count exceeded")
  })
})
