import type * as Testing from "../../../packages/providers/deeply/src/testing/index.ts"
import { serve } from "../serve.ts"

/** A browser asks whether a page of another origin may send a request. The real API would have to respond like this. */
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "authorization, content-type, cache-control",
  "access-control-expose-headers": "*",
  "access-control-max-age": "600"
}

interface Call {
  readonly method: keyof Testing.FakeDeeply
  readonly args: ReadonlyArray<unknown>
}

const call = (fake: Testing.FakeDeeply, { args, method }: Call): unknown =>
  (fake[method] as (...args: ReadonlyArray<unknown>) => unknown)(...args) ?? null

/**
 * One server for all runtimes, because not every runtime can listen. POST /fakes makes a fake host below /fakes for one
 * case, which also takes commands there.
 */
export const startFakeHosts = async (testing: typeof Testing) => {
  const fakes: Array<Testing.FakeDeeply> = []

  const respond = async (request: Request): Promise<Response> => {
    const { origin, pathname, search } = new URL(request.url)
    if (request.method === "OPTIONS") return new Response(null, { status: 204 })
    // The page that the suites run in.
    if (pathname === "/") return new Response("<!doctype html>", { headers: { "content-type": "text/html" } })
    if (pathname === "/fakes") {
      const fake = testing.createFakeDeeply((await request.json()) as object)
      return Response.json({ id: fakes.push(fake) - 1, apiKey: fake.apiKey })
    }
    const [, id, path] = /^\/fakes\/(\d+)(\/.*)$/.exec(pathname) ?? []
    const fake = fakes[Number(id)]
    if (fake === undefined) return new Response(null, { status: 404 })
    if (path === "/stats") return Response.json(fake.stats)
    if (path === "/do") return Response.json(call(fake, (await request.json()) as Call))
    return fake.handle(new Request(`${origin}${path}${search}`, request))
  }

  return serve(testing, async (request) => {
    const response = await respond(request)
    const headers = { ...Object.fromEntries(response.headers), ...cors }
    return new Response(response.body, { status: response.status, headers })
  })
}
