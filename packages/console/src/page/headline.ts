import { byId, setText } from "./element.ts"
import type { Lanes } from "./timeline/lanes.ts"
import type { Picture } from "./Picture.ts"
import { counted, duration } from "./words.ts"

/** The last renewal in one sentence: which lane renewed, and how many took the same token. */
const lastRenewal = ({ lanes, marks }: Lanes, now: number): string => {
  const renewal = marks.findLast(({ kind }) => kind === "renewed")
  if (renewal === undefined) return "No renewal yet."
  const name = lanes[renewal.lane]?.name ?? "A process"
  const others = new Set(
    marks.flatMap(({ kind, lane, token }) => (kind === "adopted" && token === renewal.token ? [lane] : []))
  )
  others.delete(renewal.lane)
  const passed = now - renewal.at
  const ago = passed < 1_000 ? "just now" : `${duration(passed)} ago`
  if (lanes.length < 2) return `Renewed ${ago}.`
  if (others.size === 0) return `${name} renewed it ${ago}.`
  const all = others.size === lanes.length - 1 ? `the other ${others.size}` : `${others.size} of the others`
  return `${name} renewed it ${ago}, and ${all} took the same token.`
}

const failures = (failed: number): string =>
  failed === 0 ? "No request failed." : `${counted(failed, "request")} failed.`

/** One, unless the storage fails, or a renewal is on its way to all processes. */
const headline = (picture: Picture, processes: number): string => {
  const tokens = new Set(
    [...picture.connections.values()].flatMap(({ token }) => (token === undefined ? [] : [token.id]))
  )
  if (processes < 2) return "One token for all requests"
  return `${tokens.size > 2 ? `${tokens.size} tokens` : "One token"} for ${processes} processes`
}

const isDegraded = (picture: Picture): boolean =>
  [...picture.connections.values()].some(({ state }) => state === "degraded")

/** The sentence and the three numbers above the picture. */
export const drawHeadline = (picture: Picture, lanes: Lanes, now: number): void => {
  const { failed, served, tokenRequests } = picture.totals
  setText(byId("title"), picture.title)
  setText(byId("headline"), headline(picture, lanes.lanes.length))
  const renewal = isDegraded(picture)
    ? "The storage fails, so each process fetches its own token."
    : lastRenewal(lanes, now)
  setText(byId("sentence"), `${renewal} ${failures(failed)}`)
  setText(byId("served"), served.toLocaleString("en"))
  setText(byId("failed"), failed.toLocaleString("en"))
  setText(byId("token-requests"), tokenRequests.toLocaleString("en"))
  byId("failed").classList.toggle("bad", failed > 0)
}
