import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"

/** What is used of the fake server of @tokenkeep/deeply/testing. */
interface Fake {
  readonly apiKey: string
  readonly handle: (request: Request) => Promise<Response>
  readonly stats: unknown
}

export interface FakeHosts extends AsyncDisposable {
  readonly port: number
}

/** Browsers ask whether a page of another origin may; the real API answers so too, if it is to be used from pages. */
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "authorization, content-type, cache-control",
  "access-control-expose-headers": "*",
  "access-control-max-age": "600"
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string
  return text
}

const toRequest = async (incoming: IncomingMessage, url: string, signal: AbortSignal): Promise<Request> => {
  const body = await textOf(incoming)
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Request(url, {
    method: incoming.method ?? "GET",
    headers,
    signal,
    ...(body === "" ? undefined : { body })
  })
}

const send = async (outgoing: ServerResponse, response: Response): Promise<void> => {
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...cors })
  if (response.body === null) return void outgoing.end()
  for await (const chunk of Readable.fromWeb(response.body as never)) outgoing.write(chunk)
  outgoing.end()
}

/**
 * One server of this process for all runtimes, since not every one can listen: it makes a fake host for each case below
 * /fakes, does to it what the case asks for, and serves `pages` to browsers.
 */
export const startFakeHosts = async (
  create: (options: object) => Fake,
  pages: Readonly<Record<string, { readonly type: string; readonly text: string }>>
): Promise<FakeHosts> => {
  const fakes: Array<Fake> = []

  const open = (options: object) => {
    const fake = create(options)
    return { id: fakes.push(fake) - 1, apiKey: fake.apiKey }
  }
  const act = (fake: Fake, { args, method }: { readonly args: ReadonlyArray<unknown>; readonly method: keyof Fake }) =>
    (fake[method] as (...args: ReadonlyArray<unknown>) => unknown)(...args) ?? null

  const answer = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Response> => {
    const path = incoming.url ?? "/"
    if (incoming.method === "OPTIONS") return new Response(null, { status: 204 })
    const page = pages[path]
    if (page !== undefined) return new Response(page.text, { headers: { "content-type": page.type } })
    if (path === "/fakes") return Response.json(open(JSON.parse(await textOf(incoming)) as object))
    const [, id, rest = ""] = /^\/fakes\/(\d+)(\/.*)$/.exec(path) ?? []
    const fake = fakes[Number(id)]
    if (fake === undefined) return new Response(null, { status: 404 })
    if (rest === "/stats") return Response.json(fake.stats)
    if (rest === "/do") return Response.json(act(fake, JSON.parse(await textOf(incoming))))
    return fake.handle(await toRequest(incoming, `http://fake${rest}`, signal))
  }

  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once("close", () => gone.abort())
    answer(incoming, gone.signal)
      .then((response) => send(outgoing, response))
      // A reset that a case asked for, or a client that went away.
      .catch(() => outgoing.destroy())
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
