import { request } from "node:http"
import { defaultListen, isWildcard, parseListen, shownAddress } from "./listenAddress.ts"

/** What a probe found. */
export interface ProbeResult {
  readonly ready: boolean
  /** For people: the response of `/-/health`, or why there was none. */
  readonly detail: string
}

/**
 * Asks a sidecar on this machine whether it is ready, for the exec probes of Kubernetes. Never rejects, except with
 * `CONFIG_INVALID` for a malformed address.
 *
 * @param listen Where the sidecar listens; default `"127.0.0.1:8787"`.
 * @param options.secret What the sidecar requires.
 * @param options.timeout Milliseconds until it counts as not ready; default 5,000.
 */
export const probe = async (
  listen: string = defaultListen,
  { secret, timeout = 5_000 }: { readonly secret?: string | undefined; readonly timeout?: number | undefined } = {}
): Promise<ProbeResult> => {
  const address = parseListen(listen)
  const target =
    address._tag === "Socket"
      ? { socketPath: address.path }
      : { host: isWildcard(address) ? "localhost" : address.host, port: address.port }
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({ ready: false, detail: `No sidecar responds at ${shownAddress(address)}: ${error.code ?? error.name}.` })
    const sent = request({
      ...target,
      path: "/-/health",
      signal: AbortSignal.timeout(timeout),
      headers: { host: "localhost", ...(secret !== undefined && { authorization: `Bearer ${secret}` }) }
    })
    sent.once("error", fail)
    sent.once("response", async (response) => {
      const chunks: Array<Uint8Array> = []
      try {
        for await (const chunk of response) chunks.push(chunk as Uint8Array)
        resolve({ ready: response.statusCode === 200, detail: Buffer.concat(chunks).toString() })
      } catch (error) {
        fail(error as NodeJS.ErrnoException)
      }
    })
    sent.end()
  })
}
