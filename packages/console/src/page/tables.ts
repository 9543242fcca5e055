import type { ConnectionMessage } from "../messages.ts"
import { byId, element, keyedChildren, setAttributes, setText } from "./element.ts"
import type { Lanes } from "./timeline/lanes.ts"
import type { Picture } from "./Picture.ts"
import { shortId } from "./timeline/tokenColours.ts"
import { counted, duration, stateText, timeOfDay } from "./words.ts"

/** A phone does not show these cells. */
const nothing = "none"

interface Row {
  readonly key: string
  readonly cells: ReadonlyArray<string>
  readonly className?: string
}

/** Roles are stated, because a table that is shown as cards on a phone loses them. */
const makeTable = (id: string, headings: ReadonlyArray<string>) => {
  const head = element("tr", { role: "row" })
  for (const heading of headings) head.append(element("th", { scope: "col", role: "columnheader" }, heading))
  const body = element("tbody", { role: "rowgroup" })
  byId(id).append(element("thead", { role: "rowgroup" }, head), body)
  return keyedChildren<Row, HTMLTableRowElement>(
    body,
    () => {
      const row = element("tr", { role: "row" })
      for (const [index, heading] of headings.entries()) {
        row.append(
          index === 0
            ? element("th", { scope: "row", role: "rowheader" })
            : element("td", { role: "cell", "data-label": heading })
        )
      }
      return row
    },
    (row, { cells, className }) => {
      setAttributes(row, { class: className })
      for (const [index, cell] of [...row.children].entries()) {
        const text = cells[index] ?? ""
        setText(cell, text)
        setAttributes(cell, { class: text === nothing ? "nothing" : undefined })
      }
    }
  )
}

const dash = "–"

const advice: Partial<Record<ConnectionMessage["state"], string>> = {
  degraded: "The storage fails. Fix the storage; the process uses it again automatically."
}

/** In the order of the lanes. */
const connectionsOf = (picture: Picture): ReadonlyArray<ConnectionMessage> => {
  const all = [...picture.connections.values()]
  return [...picture.processes.keys()].flatMap((id) => all.filter(({ process }) => process === id))
}

export const makeTables = () => {
  const drawConnections = makeTable("connections", [
    "Connection",
    "State",
    "Token",
    "Next renewal",
    "Last error and what to do"
  ])
  const drawProcesses = makeTable("processes", [
    "Process",
    "State",
    "Token",
    "Renewed",
    "Adopted",
    "Faults",
    "Served",
    "Failed"
  ])
  const drawCounts = makeTable("counts", ["From", "Served", "Failed", "Token requests"])
  const details = byId("numbers") as HTMLDetailsElement

  const connectionRows = (picture: Picture, now: number): ReadonlyArray<Row> =>
    connectionsOf(picture).map(({ id, lastError, name, nextRenewalAt, process, state, token }) => {
      const processName = picture.processes.get(process)?.name ?? process
      const expiry = token?.expiresAt === undefined ? "" : `, expires in ${duration(token.expiresAt - now)}`
      return {
        key: id,
        className: `is-${state}`,
        cells: [
          name === processName ? name : `${processName}, ${name}`,
          stateText[state],
          token === undefined ? dash : `${shortId(token.id)}${expiry}`,
          nextRenewalAt === undefined ? dash : nextRenewalAt <= now ? "now" : `in ${duration(nextRenewalAt - now)}`,
          lastError === undefined
            ? (advice[state] ?? nothing)
            : `${lastError.code}, ${duration(now - lastError.at)} ago. ${lastError.advice}`
        ]
      }
    })

  const processRows = (picture: Picture, { lanes, marks }: Lanes): ReadonlyArray<Row> =>
    lanes.map(({ key, name, process }, lane) => {
      const marksOf = (kind: string) => String(marks.filter((mark) => mark.lane === lane && mark.kind === kind).length)
      const counts = picture.perProcess.find(({ id }) => id === process)
      const token = picture.connections.get(key)?.token
      return {
        key,
        cells: [
          name,
          picture.processes.get(process)?.state ?? dash,
          token === undefined ? dash : shortId(token.id),
          marksOf("renewed"),
          marksOf("adopted"),
          marksOf("fault"),
          String(counts?.served ?? 0),
          String(counts?.failed ?? 0)
        ]
      }
    })

  return (picture: Picture, lanes: Lanes, now: number): void => {
    drawConnections(connectionRows(picture, now))
    setText(byId("connections-count"), counted(picture.connections.size, "connection"))
    // Nothing reads a closed table.
    if (!details.open) return
    drawProcesses(processRows(picture, lanes))
    drawCounts(
      [...picture.intervals.values()]
        .filter(({ at }) => at >= now - picture.window)
        .toReversed()
        .map(({ at, failed, served, tokenRequests }) => ({
          key: String(at),
          cells: [timeOfDay(at), String(served), String(failed), String(tokenRequests)]
        }))
    )
  }
}
