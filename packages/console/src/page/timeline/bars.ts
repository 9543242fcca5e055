import type { CountedInterval } from "../../messages.ts"
import { keyedChildren, setAttributes, svgElement } from "../element.ts"
import type { Picture } from "../Picture.ts"
import { type Row, type Scale, xOf } from "./scale.ts"

interface Bar {
  readonly key: string
  readonly x: number
  readonly width: number
  readonly y: number
  readonly height: number
}

/** The least that a chart shows as its full height: a single request must not look like a peak. */
const leastPeak = 2

/** Milliseconds. */
const longestHidden = 5_000

const bars = (parent: Element, className: string) =>
  keyedChildren<Bar, SVGRectElement>(
    parent,
    () => svgElement("rect", { class: className, rx: 1 }),
    (rect, { height, width, x, y }) => setAttributes(rect, { x, y, width, height })
  )

/** Requests of each interval, with those that failed on top, and token requests. */
export const makeBars = (parent: Element) => {
  const layer = () => parent.appendChild(svgElement("g"))
  const drawServed = bars(layer(), "served")
  const drawFailed = bars(layer(), "failed")
  const drawTokenRequests = bars(layer(), "token-request")

  return (picture: Picture, scale: Scale): void => {
    // The bar of an interval that is not over would look like a drop. A long one is shown nevertheless.
    const isShown = ({ at, tokenRequests }: CountedInterval) =>
      tokenRequests > 0 || picture.interval > longestHidden || at + picture.interval <= picture.lastMessageAt
    const intervals = [...picture.intervals.values()].filter(isShown)
    const slot = picture.interval * scale.pixelsPerMilli
    const width = Math.max(1, slot - (slot > 4 ? 2 : 0.5))

    const place = (
      row: Row,
      peak: number,
      value: (each: CountedInterval) => number,
      below: (each: CountedInterval) => number
    ) =>
      intervals.flatMap((each): ReadonlyArray<Bar> => {
        const count = value(each)
        if (count === 0) return []
        const height = Math.max(2, (count / peak) * row.height)
        const y = row.y + row.height - height - (below(each) / peak) * row.height
        return [{ key: String(each.at), x: xOf(scale, each.at), width, y, height }]
      })

    const none = () => 0
    const peak = Math.max(leastPeak, ...intervals.map(({ failed, served }) => failed + served))
    drawServed(place(scale.requests, peak, ({ served }) => served, none))
    drawFailed(
      place(
        scale.requests,
        peak,
        ({ failed }) => failed,
        ({ served }) => served
      )
    )
    const tokenPeak = Math.max(leastPeak, ...intervals.map(({ tokenRequests }) => tokenRequests))
    drawTokenRequests(place(scale.tokenRequests, tokenPeak, ({ tokenRequests }) => tokenRequests, none))
  }
}
