import { keyedChildren, setAttributes, svgElement } from "../element.ts"
import type { Gap, Lanes, Link, Mark, Segment } from "./lanes.ts"
import type { Picture } from "../Picture.ts"
import { type Scale, xOf } from "./scale.ts"
import { shortId, type TokenColours } from "./tokenColours.ts"

const barHeight = 16
/** Pixels that a token's id takes. */
const nameWidth = 56

interface TokenName {
  readonly key: string
  readonly at: number
}

const shapes: Readonly<Record<Mark["kind"], string>> = {
  renewed: "M0-8A8 8 0 1 1 0 8A8 8 0 1 1 0-8Z",
  adopted: "M0-4A4 4 0 1 1 0 4A4 4 0 1 1 0-4Z",
  rejected: "M-4-4L4 4M4-4L-4 4",
  fault: "M0-6L6 5L-6 5Z"
}

/** The way of a token: down or up to its lane, with soft ends. */
const curve = (x1: number, y1: number, x2: number, y2: number): string => {
  const middle = (y1 + y2) / 2
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`
}

/** Where the id of each token stands: at its first use. An id that would cover the one before it is left out. */
const namesOf = ({ segments }: Lanes, scale: Scale): ReadonlyArray<TokenName> => {
  const firstUses = new Map<string, number>()
  for (const { from, token } of segments) firstUses.set(token, Math.min(from, firstUses.get(token) ?? Infinity))
  let free = -Infinity
  return [...firstUses]
    .toSorted(([, one], [, other]) => one - other)
    .flatMap(([key, at]): ReadonlyArray<TokenName> => {
      if (xOf(scale, at) < free) return []
      free = xOf(scale, at) + nameWidth
      return [{ key, at }]
    })
}

/** Draws tokens, gaps and marks into the layer that moves, and the gradients in which each token fades to its expiry. */
export const makeLaneDrawing = (parent: Element, colourOf: TokenColours) => {
  const layer = (name: keyof SVGElementTagNameMap = "g") => parent.appendChild(svgElement(name))
  let picture: Picture
  let scale: Scale
  let now = 0
  const middle = (lane: number): number => {
    const { height, y } = scale.lane(lane)
    return y + height / 2
  }
  const x = (at: number): number => xOf(scale, at)
  /** Beyond the right edge, for what has no end yet. */
  const end = (at: number): number => (at === Infinity ? scale.width * 3 : x(at))
  const colour = (token: string | undefined): string => (token === undefined ? "" : ` token-${colourOf(token)}`)

  const drawGradients = keyedChildren<{ readonly key: string }, SVGLinearGradientElement>(
    layer("defs"),
    ({ key }) => {
      const gradient = svgElement("linearGradient", {
        id: `fade-${key}`,
        gradientUnits: "userSpaceOnUse",
        y1: 0,
        y2: 0
      })
      const stop = (name: string, offset: number) => svgElement("stop", { offset, class: `${name}${colour(key)}` })
      gradient.append(stop("new", 0), stop("old", 1))
      return gradient
    },
    (gradient, { key }) => {
      const token = picture.tokens.get(key)
      const from = token?.issuedAt ?? scale.origin
      // A token of unknown lifetime does not fade.
      setAttributes(gradient, { x1: x(from), x2: x(token?.expiresAt ?? from + 1e9) })
    }
  )
  const drawSegments = keyedChildren<Segment, SVGRectElement>(
    layer(),
    ({ token }) => svgElement("rect", { class: "segment", fill: `url(#fade-${token})`, height: barHeight, rx: 4 }),
    (rect, { from, lane, to }) =>
      setAttributes(rect, { x: x(from), y: middle(lane) - barHeight / 2, width: Math.max(1, end(to) - x(from) - 1.5) })
  )
  const drawGaps = keyedChildren<Gap, SVGRectElement>(
    layer(),
    ({ state }) => svgElement("rect", { class: state, height: barHeight + 4, rx: 4 }),
    (rect, { from, lane, to }) =>
      setAttributes(rect, {
        x: x(from),
        y: middle(lane) - barHeight / 2 - 2,
        // What is not over yet lasts until now: the future is unknown.
        width: Math.max(2, Math.min(end(to), x(now)) - x(from))
      })
  )
  const drawLinks = keyedChildren<Link, SVGPathElement>(
    layer(),
    ({ token }) => svgElement("path", { class: `link${colour(token)}`, pathLength: 1 }),
    (path, { from, to }) => setAttributes(path, { d: curve(x(from.at), middle(from.lane), x(to.at), middle(to.lane)) })
  )
  const drawMarks = keyedChildren<Mark, SVGGElement>(
    layer(),
    ({ kind, token }) => {
      const group = svgElement("g")
      group.append(svgElement("path", { class: `mark ${kind}${colour(token)}`, d: shapes[kind] }))
      return group
    },
    (group, { at, lane }) => setAttributes(group, { transform: `translate(${x(at)} ${middle(lane)})` })
  )
  const drawNames = keyedChildren<TokenName, SVGTextElement>(
    layer(),
    ({ key }) => {
      const label = svgElement("text", { class: `token-name${colour(key)}` })
      label.textContent = shortId(key)
      return label
    },
    (label, { at }) => setAttributes(label, { x: x(at), y: scale.names.y + 14 })
  )

  return (shown: Picture, lanes: Lanes, at: { readonly scale: Scale; readonly now: number }): void => {
    picture = shown
    scale = at.scale
    now = at.now
    drawGradients([...new Set(lanes.segments.map(({ token }) => token))].map((key) => ({ key })))
    drawSegments(lanes.segments)
    drawGaps(lanes.gaps)
    drawLinks(lanes.links)
    drawMarks(lanes.marks)
    drawNames(namesOf(lanes, scale))
  }
}
