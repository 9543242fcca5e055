import type { TokenEventMessage } from "../../messages.ts"
import type { Picture } from "../Picture.ts"

/** A lane is a connection. Most processes have one, so it has the name of its process. */
export interface Lane {
  readonly key: string
  readonly name: string
  readonly process: string
}

/** A token in use, from when the connection got it until it was replaced, was rejected, or expired. */
export interface Segment {
  readonly key: string
  readonly lane: number
  readonly token: string
  readonly from: number
  /** `Infinity` while it is in use and its lifetime is unknown. */
  readonly to: number
}

/** A process that does not run. */
export interface Gap {
  readonly key: string
  readonly lane: number
  readonly state: "frozen" | "stopped"
  readonly from: number
  readonly to: number
}

export interface Mark {
  readonly key: string
  readonly lane: number
  readonly at: number
  readonly kind: "renewed" | "adopted" | "rejected" | "fault"
  readonly token?: string
}

/** The way of a token from the connection that renewed it to one that adopted it. */
export interface Link {
  readonly key: string
  readonly token: string
  readonly from: { readonly lane: number; readonly at: number }
  readonly to: { readonly lane: number; readonly at: number }
}

export interface Lanes {
  readonly lanes: ReadonlyArray<Lane>
  readonly segments: ReadonlyArray<Segment>
  readonly gaps: ReadonlyArray<Gap>
  readonly marks: ReadonlyArray<Mark>
  readonly links: ReadonlyArray<Link>
}

const kinds: Partial<Record<TokenEventMessage["event"]["type"], Mark["kind"]>> = {
  issued: "renewed",
  adopted: "adopted",
  rejected: "rejected",
  "renewal-failed": "fault",
  "key-rejected": "fault",
  "storage-degraded": "fault",
  "token-request-limited": "fault",
  "record-ignored": "fault"
}

const lanesOf = (picture: Picture): ReadonlyArray<Lane> =>
  [...picture.processes.values()].flatMap((process) => {
    const own = [...picture.connections.values()].filter((connection) => connection.process === process.id)
    if (own.length < 2) return [{ key: own[0]?.id ?? process.id, name: process.name, process: process.id }]
    return own.map((connection) => ({ key: connection.id, name: connection.name, process: process.id }))
  })

const gapsOf = (picture: Picture, lanes: ReadonlyArray<Lane>): ReadonlyArray<Gap> =>
  lanes.flatMap((lane, index) => {
    const changes = picture.history.filter((message) => message.type === "process" && message.id === lane.process)
    return changes.flatMap((change, position) => {
      if (change.type !== "process" || change.state === "running") return []
      const next = changes[position + 1]
      const to = next?.type === "process" ? next.at : Infinity
      return [{ key: `${lane.key} ${change.at}`, lane: index, state: change.state, from: change.at, to }]
    })
  })

const segmentsOf = (
  picture: Picture,
  lane: Lane,
  index: number,
  events: ReadonlyArray<TokenEventMessage["event"]>,
  gaps: ReadonlyArray<Gap>
): ReadonlyArray<Segment> => {
  const stops = gaps.filter((gap) => gap.lane === index && gap.state === "stopped").map(({ from }) => from)
  const rejections = events.filter((event) => event.type === "rejected").map(({ at }) => at)
  const starts = events.flatMap((event) =>
    event.type === "issued" || event.type === "adopted" ? [{ at: event.at, token: event.tokenId }] : []
  )
  const current = picture.connections.get(lane.key)?.token
  // A page that was opened later knows the current token, but not when this connection got it.
  if (starts.length === 0 && current !== undefined) starts.push({ at: current.issuedAt, token: current.id })
  return starts.map(({ at, token }, position) => {
    const ends = [
      picture.tokens.get(token)?.expiresAt ?? Infinity,
      starts[position + 1]?.at ?? Infinity,
      ...[...stops, ...rejections].filter((end) => end > at)
    ]
    return { key: `${lane.key} ${token} ${at}`, lane: index, token, from: at, to: Math.max(at, Math.min(...ends)) }
  })
}

/** What the lanes show, in the order of time. */
export const lanesIn = (picture: Picture): Lanes => {
  const lanes = lanesOf(picture)
  const gaps = gapsOf(picture, lanes)
  const indexes = new Map(lanes.map(({ key }, index) => [key, index]))
  const events = picture.history.filter((message) => message.type === "token-event")

  const marks = events.flatMap(({ connection, event }): ReadonlyArray<Mark> => {
    const kind = kinds[event.type]
    const lane = indexes.get(connection)
    if (kind === undefined || lane === undefined) return []
    const token = "tokenId" in event ? event.tokenId : undefined
    const key = `${connection} ${event.at} ${event.type}`
    return [{ key, lane, at: event.at, kind, ...(token === undefined ? undefined : { token }) }]
  })

  const renewed = new Map(marks.flatMap((mark) => (mark.kind === "renewed" && mark.token ? [[mark.token, mark]] : [])))
  const links = marks.flatMap((mark): ReadonlyArray<Link> => {
    const from = mark.kind === "adopted" ? renewed.get(mark.token ?? "") : undefined
    if (from?.token === undefined || from.lane === mark.lane) return []
    return [{ key: `${from.token} ${mark.lane} ${mark.at}`, token: from.token, from, to: mark }]
  })

  return {
    lanes,
    gaps,
    marks,
    links,
    segments: lanes.flatMap((lane, index) => {
      const own = events.filter(({ connection }) => connection === lane.key).map(({ event }) => event)
      return segmentsOf(picture, lane, index, own, gaps)
    })
  }
}
