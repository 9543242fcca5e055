import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { execFile } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it, onTestFinished } from "vitest"
import { cli, startCli, temporaryHome } from "../support/startCli.ts"
import { rawConnection } from "./support/servers.ts"

const run = promisify(execFile)

const find = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))

/** Starts `tokenkeep serve` on a free port, and ends it with the test. */
const serve = async (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) => {
  const home = temporaryHome()
  const { child, result } = startCli(["serve", "--listen", "127.0.0.1:0", ...args], { home: home.path, env })
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await result
    home[Symbol.dispose]()
  })
  const [printed] = (await once(child.stdout!, "data")) as [Buffer]
  const [, url = ""] = /^export TOKENKEEP_URL=(\S+)\n$/.exec(printed.toString()) ?? []
  return { url, child, result, home: home.path }
}

/** A GET by a program of another language, or without it the same bytes over a socket. */
const clients: Readonly<Record<string, (url: string) => Promise<string>>> = {
  curl: async (url) => {
    const curl = find("curl")
    if (curl !== undefined)
      return (await run(curl, ["--fail", "--silent", "--compressed", `${url}/api/v1/mics`])).stdout
    return overSocket(url, "curl/8.0")
  },
  "Python's urllib": async (url) => {
    const python = find("python3")
    const program = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1] + '/api/v1/mics').read().decode())"
    if (python !== undefined) return (await run(python, ["-c", program, url])).stdout
    return overSocket(url, "Python-urllib/3.11")
  }
}

const overSocket = async (url: string, agent: string): Promise<string> => {
  const raw = await rawConnection(url)
  raw.send(
    "GET /api/v1/mics HTTP/1.1",
    `Host: ${new URL(url).host}`,
    `User-Agent: ${agent}`,
    "Connection: close",
    "",
    ""
  )
  const text = await raw.untilEnd()
  return text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)
}

describe("tokenkeep serve", () => {
  it.each(Object.entries(clients))("SEC-1: serves %s, and prints neither the token nor the key", async (_, client) => {
    await using fake = await startFakeDeeply()
    const { child, result, url } = await serve({ DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url })
    expect(JSON.parse(await client(url))).toMatchObject({ page: 1 })
    expect(fake.stats.unauthorized).toBe(0)
    child.kill("SIGTERM")
    const { code, stderr, stdout } = await result
    expect([code, stdout]).toEqual([0, `export TOKENKEEP_URL=${url}\n`])
    expect(stderr).toMatch(
      /^Requests to http:\S+ go to the API with the token of default\. Ctrl-C stops the sidecar\.\n$/
    )
  })

  it.each<[string, ReadonlyArray<NodeJS.Signals>]>([
    ["SIGTERM", ["SIGTERM"]],
    ["SIGHUP, also if a terminal sends it twice", ["SIGHUP", "SIGHUP"]]
  ])("finishes the requests in flight after %s, accepts no more, and exits with 0", async (_, signals) => {
    const { promise: next, resolve } = Promise.withResolvers<void>()
    const server = createServer(async (request, response) => {
      if (request.url?.endsWith("/reissue")) return response.end(JSON.stringify({ access_token: "token-1-5b2c" }))
      response.write("first ")
      await next
      return response.end("last")
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { child, result, url } = await serve({ DEEPLY_API_KEY: "sk-live-2f6c1d", DEEPLY_HOST: host })
    const idle = await rawConnection(url)
    const response = await fetch(url)
    for (const signal of signals) {
      child.kill(signal)
      await idle.untilEnd()
    }
    await expect(fetch(url)).rejects.toThrow("fetch failed")
    resolve()
    expect([await response.text(), (await result).code]).toEqual(["first last", 0])
  })

  it("exits with 0 when the grace is over", async () => {
    const server = createServer((request, response) => {
      if (request.url?.endsWith("/reissue")) response.end(JSON.stringify({ access_token: "token-1-5b2c" }))
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    onTestFinished(() => server.closeAllConnections())
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const env = { DEEPLY_API_KEY: "sk-live-2f6c1d", DEEPLY_HOST: host }
    const { child, result, url } = await serve(env, "--grace", "0.2")
    await (await fetch(`${url}/-/health`)).text()
    const waiting = fetch(url).catch((error: Error) => error.message)
    await once(server, "request")
    child.kill("SIGTERM")
    expect([(await result).code, await waiting]).toEqual([0, "fetch failed"])
    expect((await result).stderr).toMatch(/^tokenkeep: 1 request was cut off at the end of --grace\.$/m)
    server.close()
  })

  const grant = {
    type: "oauth2",
    baseUrl: "http://127.0.0.1:18100",
    tokenEndpoint: "http://127.0.0.1:18100/token",
    client: { id: "app", method: "none" },
    grant: { type: "refresh_token", id: "acme" },
    storage: { type: "file", directory: "tokens" }
  }

  it.each([
    ["API key", { type: "deeply" }, "API_KEY_MISSING"],
    ["grant", grant, "GRANT_MISSING"]
  ])("says at its start that there is no %s", async (_, profile, expected) => {
    const home = temporaryHome()
    const config = JSON.stringify({ profiles: { main: profile } }).replace(
      '"tokens"',
      JSON.stringify(join(home.path, "tokens"))
    )
    writeFileSync(join(home.path, "tokenkeep.config.json"), config)
    const env = { TOKENKEEP_ENCRYPTION_KEY: "kept for the tests, 32 characters" }
    const { child, result } = startCli(["serve", "--listen", "127.0.0.1:0"], { home: home.path, env })
    onTestFinished(async () => {
      child.kill("SIGKILL")
      await result
      home[Symbol.dispose]()
    })
    let shown = ""
    for await (const chunk of child.stderr!) if ((shown += chunk).includes("not ready")) break
    child.kill("SIGTERM")
    expect((await result).code).toBe(0)
    expect(shown).toMatch(new RegExp(`^tokenkeep: not ready: ${expected}: .+\\.$`, "m"))
  })

  it("is probed by itself", async () => {
    await using fake = await startFakeDeeply()
    const secret = "correct-horse-battery"
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, TOKENKEEP_SERVE_SECRET: secret }
    const { home, url } = await serve(env)
    const probe = (listen: string, own: Readonly<Record<string, string>> = {}) =>
      cli(["serve", "--probe", "--listen", listen], { home, env: own })
    const { host } = new URL(url)
    expect(await probe(host, { TOKENKEEP_SERVE_SECRET: secret })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"ready":true')
    })
    expect((await probe(host)).code).toBe(1)
    expect(await probe("127.0.0.1:1")).toMatchObject({
      code: 1,
      stdout: "No sidecar responds at the address of --listen (http://127.0.0.1:1): ECONNREFUSED.\n"
    })
  })

  it.each(["0.0.0.0:0", "[::]:0"])("prints a URL that works if it listens on %s", async (listen) => {
    await using fake = await startFakeDeeply()
    const secret = "correct-horse-battery"
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, TOKENKEEP_SERVE_SECRET: secret }
    const { child, result, url } = await serve(env, "--listen", listen, "--listen-anywhere")
    expect((await fetch(`${url}/api/v1/mics`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200)
    child.kill("SIGTERM")
    expect((await result).stderr).toContain(
      "or at a name that you pass with --host. A request with any other name gets 421."
    )
    const named = await serve(env, "--listen", listen, "--listen-anywhere", "--host", "sidecar.test", "--host", "b")
    expect(new URL(named.url).hostname).toBe("sidecar.test")
  })

  it("says what is wrong with its address", async () => {
    using home = temporaryHome()
    const { code, stderr } = await cli(["serve", "--listen", "0.0.0.0:8787"], { home: home.path })
    expect(code).toBe(2)
    expect(stderr).toContain("CONFIG_INVALID: Other machines can reach the address of --listen (http://0.0.0.0:8787)")
    expect(stderr).toContain("--listen-anywhere")
  })
})
