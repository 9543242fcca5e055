import { currentTime } from "../output/clock.ts"
import { failed, ok, type Verdict, warning } from "./Finding.ts"
import { longestWait, systemCode } from "./systemCode.ts"

/** What a server responded to a request without a token. */
export interface Probe {
  readonly status: number
  /** By how much the server's clock is ahead, in milliseconds; absent without a `Date`. */
  readonly ahead?: number
}

/** `Date` has whole seconds, rounded down. */
const halfSecond = 500

const aheadOf = (date: string | null, sent: number, received: number): number | undefined => {
  const time = Date.parse(date ?? "")
  return Number.isNaN(time) ? undefined : time + halfSecond - (sent + received) / 2
}

/** The origin of a redirect's target: the rest of its URL may contain anything. */
const targetOf = (response: Response): string => {
  const location = response.headers.get("location") ?? ""
  return URL.canParse(location, response.url) ? new URL(location, response.url).origin : "an unknown address"
}

const isJson = (response: Response): boolean => /json/.test(response.headers.get("content-type") ?? "")

const verdictOn = (response: Response, url: URL, isDeeply: boolean): Verdict => {
  const { status } = response
  const where = `${url.origin}${url.pathname}`
  if (status >= 500) {
    return failed(
      "host",
      `${where} responds with ${status}.`,
      "Wait, or ask the operator of the server. Nothing is wrong on this machine."
    )
  }
  if (status >= 300 && status < 400) {
    const fix = "Set the host to the address that serves the API."
    return failed("host", `${where} redirects to ${targetOf(response)}.`, fix)
  }
  if (!isDeeply) return ok(`${where} responds with ${status}`)
  if (status === 404 || (status < 400 && !isJson(response))) {
    const what = status === 404 ? "has no API" : "is a page and not the API"
    return failed(
      "host",
      `${where} ${what}.`,
      "Check the host and its path: /api/v1 is added to it. A captive portal may have responded."
    )
  }
  if ((status === 401 || status === 403) && !isJson(response)) {
    return warning("host", `${where} responds with ${status}, but not as the API does.`, "Check firewalls and proxies.")
  }
  return ok(`${where} responds as the API does`)
}

/**
 * Sends a request without a token, and says whether the API responds.
 *
 * @param isDeeply Whether the URL is one of the Deeply API, which rejects such a request in a known way.
 */
export const checkResponse = async (
  url: URL,
  isDeeply: boolean
): Promise<{ readonly verdict: Verdict; readonly probe?: Probe }> => {
  const sent = currentTime()
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(longestWait) })
    const ahead = aheadOf(response.headers.get("date"), sent, currentTime())
    await response.body?.cancel()
    return {
      verdict: verdictOn(response, url, isDeeply),
      probe: { status: response.status, ...(ahead !== undefined && { ahead }) }
    }
  } catch (error) {
    const what = `A request to ${url.origin} failed (${systemCode(error)}).`
    return { verdict: failed("host", what, "Check that the port serves the API, and check proxies in between.") }
  }
}
