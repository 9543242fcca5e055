import { timeOf } from "../ConsoleFeed.ts"
import type { HistoryMessage } from "../messages.ts"
import { byId, element, keyedChildren, setAttributes, setText } from "./element.ts"
import type { Picture } from "./Picture.ts"
import { counted, happened, nameOf, timeOfDay } from "./words.ts"

interface Line {
  readonly key: string
  readonly at: number
  readonly names: Array<string>
  readonly text: string
  readonly kind: string
}

const longest = 9

const kindOf = (message: HistoryMessage): string => (message.type !== "token-event" ? message.type : message.event.type)

/** The newest first. What several processes did one after the other is one line. */
const linesOf = (picture: Picture): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  for (const message of picture.history.toReversed()) {
    const text = happened(message)
    const kind = kindOf(message)
    if (text === undefined) continue
    const name =
      message.type === "note"
        ? ""
        : message.type === "process"
          ? message.name
          : nameOf(picture, message.process, message.connection)
    const same = lines.slice(-3).find((line) => line.text === text && kind !== "note" && kind !== "process")
    if (same !== undefined) {
      if (!same.names.includes(name)) same.names.push(name)
    } else lines.push({ key: `${timeOf(message)} ${name} ${text}`, at: timeOf(message), names: [name], text, kind })
    if (lines.length > longest) break
  }
  return lines.slice(0, longest)
}

const subjectOf = ({ names }: Line): string =>
  names.length < 3 ? names.toSorted().join(" and ") : counted(names.length, "process")

export const makeEventList = () => {
  const draw = keyedChildren<Line, HTMLLIElement>(
    byId("events"),
    ({ kind }) => element("li", { class: kind }, element("time"), element("span")),
    (item, line) => {
      const [time, text] = item.children
      if (time !== undefined) setText(time, timeOfDay(line.at))
      if (text !== undefined) setText(text, `${subjectOf(line)} ${line.text}`.trim())
      setAttributes(item, { class: line.kind })
    }
  )
  return (picture: Picture): void => draw(linesOf(picture))
}
