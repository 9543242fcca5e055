import type { ConnectionMessage, HistoryMessage, TokenEventMessage } from "../messages.ts"
import type { Picture } from "./Picture.ts"
import { shortId } from "./timeline/tokenColours.ts"

/** `1 request`, `2,400 requests`, `3 processes`. */
export const counted = (count: number, noun: string): string => {
  const plural = noun.endsWith("s") ? "es" : "s"
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : plural}`
}

/** `4 s`, `3 min`, `2 h`. */
export const duration = (millis: number): string => {
  const seconds = Math.max(0, Math.round(millis / 1_000))
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** The time of day, in the time zone of the reader. */
export const timeOfDay = (at: number): string => new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(at)

const reasons = {
  first: "it had none",
  expired: "the old one expired",
  rejected: "the old one was rejected",
  window: "in time"
}

const tokenEventText = (event: TokenEventMessage["event"]): string | undefined => {
  switch (event.type) {
    case "issued":
      return `renewed: token ${shortId(event.tokenId)}, ${reasons[event.reason]}`
    case "adopted":
      return `took token ${shortId(event.tokenId)} from the storage`
    case "renewal-failed":
      return `could not renew: ${event.code}`
    case "rejected":
      return `saw token ${shortId(event.tokenId)} rejected as ${event.reason}`
    case "key-rejected":
      return `saw API key “${event.key}” rejected`
    case "key-rotated":
      return `changed to the next API key, “${event.key}”`
    case "token-request-limited":
      return "sent too many token requests, and waited"
    case "storage-degraded":
      return `continued without the storage: ${event.operation} failed`
    case "storage-recovered":
      return "used the storage again"
    case "rate-limit-waiting":
      return `waited for the rate limit of ${event.endpoint}`
    case "record-ignored":
      return "ignored a stored token that it cannot read"
    default:
      return undefined
  }
}

/** What happened, without its subject; undefined if it is not worth a line. */
export const happened = (message: HistoryMessage): string | undefined => {
  if (message.type === "token-event") return tokenEventText(message.event)
  if (message.type === "note") return message.text
  return { frozen: "was frozen", stopped: "was killed", running: "runs" }[message.state]
}

export const stateText: Readonly<Record<ConnectionMessage["state"], string>> = {
  usable: "usable",
  renewing: "renewing",
  degraded: "no storage",
  failing: "failing",
  none: "no token yet"
}

/** The name of the process, and of the connection if the process has several. */
export const nameOf = (picture: Picture, process: string, connection?: string): string => {
  const name = picture.processes.get(process)?.name ?? process
  const own = [...picture.connections.values()].filter((each) => each.process === process)
  return own.length < 2 ? name : `${name}, ${picture.connections.get(connection ?? "")?.name ?? ""}`
}
