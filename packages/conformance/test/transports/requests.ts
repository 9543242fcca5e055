import { sending, streamed, type TransportMutant } from "./TransportMutant.ts"

export const requests: ReadonlyArray<TransportMutant> = [
  {
    mistake: "decodes the URL once more",
    layer: sending((send) => (url, init) => send(decodeURI(url), init)),
    caughtBy: ["target-goes-as-given"]
  },
  {
    mistake: "tidies slashes up",
    layer: sending((send) => (url, init) => send(url.replaceAll(/(?<!:)\/\/+/g, "/"), init)),
    caughtBy: ["target-goes-as-given"]
  },
  {
    mistake: "writes methods in small letters",
    layer: sending(
      (send) => (url, init) =>
        send(url, init.method === undefined ? init : { ...init, method: init.method.toLowerCase() })
    ),
    caughtBy: ["method-goes-as-given"]
  },
  {
    mistake: "knows headers as a plain object only",
    layer: sending(
      (send) => (url, init) => send(url, { ...init, headers: { ...(init.headers as Record<string, string>) } })
    ),
    caughtBy: ["headers-go-as-given"]
  },
  {
    mistake: "puts its own name over the caller's",
    layer: sending((send) => (url, init) => {
      const headers = new Headers(init.headers)
      headers.set("user-agent", "wrong/1")
      return send(url, { ...init, headers })
    }),
    caughtBy: ["headers-go-as-given"]
  },
  {
    mistake: "adds a header of tracing",
    layer: sending((send) => (url, init) => {
      const headers = new Headers(init.headers)
      headers.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
      return send(url, { ...init, headers })
    }),
    caughtBy: ["headers-are-not-added"]
  },
  {
    mistake: "remembers the last Authorization",
    layer: sending((send) => {
      let last: string | null = null
      return (url, init) => {
        const headers = new Headers(init.headers)
        last = headers.get("authorization") ?? last
        if (last !== null) headers.set("authorization", last)
        return send(url, { ...init, headers })
      }
    }),
    caughtBy: ["authorization-goes-as-given"]
  },
  {
    mistake: "appends Authorization to itself",
    layer: sending((send) => (url, init) => {
      const headers = new Headers(init.headers)
      const own = headers.get("authorization")
      if (own !== null) headers.append("authorization", own)
      return send(url, { ...init, headers })
    }),
    caughtBy: ["authorization-goes-as-given"]
  },
  {
    mistake: "sends what bodies print as",
    layer: sending((send) => (url, init) => send(url, init.body ? { ...init, body: JSON.stringify(init.body) } : init)),
    caughtBy: ["bodies-go-as-given"]
  },
  {
    mistake: "sends the buffer behind a view",
    layer: sending((send) => (url, init) => {
      const { body } = init
      return send(url, ArrayBuffer.isView(body) ? { ...init, body: body.buffer } : init)
    }),
    caughtBy: ["bodies-go-as-given"]
  },
  {
    mistake: "calls every body JSON",
    layer: sending((send) => (url, init) => {
      const headers = new Headers(init.headers)
      if (init.body) headers.set("content-type", "application/json")
      return send(url, { ...init, headers })
    }),
    caughtBy: ["bodies-go-as-given", "requests-are-those-of-fetch"]
  },
  {
    mistake: "makes a stream of every body",
    layer: sending(
      (send) => (url, init) =>
        send(
          url,
          streamed(init, (stream) => stream)
        )
    ),
    caughtBy: ["lengths-are-told"]
  },
  {
    mistake: "drops what a call may not have",
    layer: sending((send) => (url, init) => {
      const { body, ...rest } = init
      return send(url, init.method === "GET" || init.method === "HEAD" ? rest : { ...rest, ...(body ? { body } : {}) })
    }),
    caughtBy: ["calls-are-checked"]
  }
]
