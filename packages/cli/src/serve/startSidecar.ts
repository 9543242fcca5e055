import { TokenkeepError, tokenkeepErrorOf } from "@tokenkeep/core"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { isIP } from "node:net"
import { Agent } from "undici"
import { makeActivity } from "./activity.ts"
import { accessCheck, hostnameOf } from "./checks/accessRules.ts"
import { allowCheck } from "./checks/allowRules.ts"
import { type Refusal, refusalOf, refuse } from "./checks/Refusal.ts"
import { framingCheck, pathOf, upgradeCheck } from "./checks/requestTarget.ts"
import { makeConsoleSource } from "./endpoints/consoleSource.ts"
import { healthOf } from "./endpoints/health.ts"
import { makeOwnEndpoints, prefix } from "./endpoints/ownEndpoints.ts"
import { closeServer, listenOn, makeServer } from "./httpServer.ts"
import {
  callableUrl,
  defaultListen,
  isLoopback,
  type ListenAddress,
  parseListen,
  shownAddress
} from "./listenAddress.ts"
import { makeForward, type Outcome } from "./proxy/forward.ts"
import { makeReplayMemory } from "./proxy/replayMemory.ts"
import type { Sidecar, SidecarOptions } from "./SidecarOptions.ts"

const shortestSecret = 16
const mebibyte = 1024 * 1024

/** How much longer than the API a caller may be silent: the API's timeout is reported before. */
const callerMargin = 30_000

const wrong = (option: string, what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option }, { what, fix })

const checkSecret = (secret: string | undefined): void => {
  if (secret === undefined || (secret.length >= shortestSecret && /^[\x21-\x7e]+$/.test(secret))) return
  throw wrong(
    "secret",
    `The secret is shorter than ${shortestSecret} characters, or cannot be sent in a header.`,
    "Use a random one, such as the output of `openssl rand -hex 32`, as TOKENKEEP_SERVE_SECRET."
  )
}

/** Whether other machines can reach the address. */
const isPublic = (address: ListenAddress): boolean => address._tag === "Tcp" && !isLoopback(address.host)

const checkAddress = (address: ListenAddress, { listenAnywhere = false, secret }: SidecarOptions): void => {
  if (!isPublic(address)) return
  if (!listenAnywhere) {
    throw wrong(
      "listen",
      `Other machines can reach ${shownAddress(address)}, and would use the token of this one.`,
      "Listen on 127.0.0.1 or on a Unix socket, or start the sidecar with --listen-anywhere and a secret."
    )
  }
  if (secret === undefined) {
    throw wrong(
      "secret",
      `Other machines can reach ${shownAddress(address)}, and there is no secret.`,
      "Set TOKENKEEP_SERVE_SECRET, which callers send as Authorization: Bearer."
    )
  }
}

const checkHosts = (hosts: ReadonlyArray<string>): void => {
  if (hosts.every((host) => isIP(host) !== 0 || hostnameOf(host) === host.toLowerCase())) return
  throw wrong(
    "hosts",
    "A value of --host is not a host name.",
    "Pass it without scheme, port and path, such as sidecar.internal."
  )
}

/** A caller that is gone: `close` follows, and ends its request. */
const ignore = (): void => undefined

/** An agent that keeps to HTTP/1.1: what a caller sent is passed on as it was. */
const makeAgent = (timeout: number): Agent =>
  new Agent({ allowH2: false, headersTimeout: timeout, bodyTimeout: timeout, connections: 1_024 })

/**
 * Starts a proxy on this machine that adds the token of a client to every request, for programs in any language.
 *
 * Rejects with `CONFIG_INVALID` if an option is wrong, and with a `UsageError` if the address is in use.
 */
export const startSidecar = async (options: SidecarOptions): Promise<Sidecar> => {
  const { allow, allowToken = false, hosts = [], listen = defaultListen, name = "default", secret } = options
  const { replayBodyLimit = mebibyte, replayBodyTotal = 64 * mebibyte, upstreamTimeout = 300_000 } = options
  const { idleTimeout = upstreamTimeout + callerMargin } = options
  const address = parseListen(listen)
  checkSecret(secret)
  checkAddress(address, options)
  checkHosts(hosts)
  const allowed = allowCheck(allow)
  const { check, knowsHost } = accessCheck({
    isSocket: address._tag === "Socket",
    isPublic: isPublic(address),
    hosts: new Set(hosts.map((host) => host.toLowerCase())),
    secret
  })

  const clock = Effect.runSync(Clock.Clock)
  const now = () => clock.currentTimeMillisUnsafe()
  const { count, counts } = makeActivity()
  const console = makeConsoleSource({ name, activity: counts, now })
  const agent = options.dispatcher === undefined ? makeAgent(upstreamTimeout) : undefined
  const dispatcher = options.dispatcher ?? agent!
  const transport = UndiciTransport.layer({ decode: false, dispatcher })
  const client = await options.connect({ transport, onTokenEvent: console.observe })
  const endpoints = makeOwnEndpoints({ client, feed: console.feed, activity: counts, allowToken, now })
  const forward = makeForward({ client, dispatcher, memory: makeReplayMemory(replayBodyLimit, replayBodyTotal), now })
  let isClosing = false
  let openRequests = 0

  /** Checks a request, and passes it to the API or to a page of the sidecar. */
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<Outcome | Refusal | undefined> => {
    const refusal = framingCheck(request) ?? check(request)
    if (refusal !== undefined) return refusal
    const path = pathOf(request, knowsHost)
    if (typeof path !== "string") return path
    if (path.startsWith(prefix)) return endpoints.handle(request, response, path)
    return upgradeCheck(request) ?? allowed(request, path) ?? forward(request, response, path)
  }

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on("error", ignore)
    openRequests += 1
    response.once("close", () => (openRequests -= 1))
    if (isClosing) response.shouldKeepAlive = false
    try {
      const ended = await handle(request, response)
      if (typeof ended === "string") return count(ended)
      if (ended === undefined) return
      count("refused")
      refuse(response, ended, now())
    } catch (error) {
      const known = tokenkeepErrorOf(error)
      if (known === undefined || response.headersSent) response.destroy()
      else refuse(response, refusalOf(known), now())
    }
  }

  const server = makeServer(listener, idleTimeout)
  const release = async () => {
    await client.dispose()
    await agent?.destroy()
  }
  const listening = await listenOn(server, address).catch(async (error: unknown) => {
    await release()
    throw error
  })
  const stopReports = console.start(client)

  let closing: Promise<number> | undefined
  const close: Sidecar["close"] = ({ grace = 10_000 } = {}) => {
    const end = async () => {
      isClosing = true
      endpoints.end()
      let cut = 0
      await closeServer(server, grace, () => (cut = openRequests))
      stopReports()
      await release()
      return cut
    }
    return (closing ??= end())
  }
  return {
    url: callableUrl(listening, hosts),
    close,
    health: () => healthOf(client),
    [Symbol.asyncDispose]: async () => void (await close())
  }
}
