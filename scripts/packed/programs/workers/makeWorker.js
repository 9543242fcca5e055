import { env, waitUntil } from "cloudflare:workers"

const { withWaitUntil, ...options } = JSON.parse(env.OPTIONS)

/** The options of this worker's client. */
export const clientOptions = withWaitUntil ? { ...options, waitUntil } : options

/** A worker whose requests name the call in their path, and in `timeout` when the caller gives up. */
export const makeWorker = (calls) => ({
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const timeout = searchParams.get("timeout")
    const signal = timeout === null ? undefined : AbortSignal.timeout(Number(timeout))
    try {
      return Response.json((await calls[pathname.slice(1)](signal)) ?? null)
    } catch (error) {
      // Effect's own runtime does not keep the reason of an abort.
      const { code, name } = signal?.aborted ? signal.reason : error
      return Response.json(typeof code === "string" ? code : name, { status: 503 })
    }
  }
})
