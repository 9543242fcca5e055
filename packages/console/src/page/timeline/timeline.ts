import { makeBars } from "./bars.ts"
import { byId, element, keyedChildren, setAttributes, setText, svgElement } from "../element.ts"
import { makeLaneDrawing } from "./laneDrawing.ts"
import { makeLaneLabels } from "./laneLabels.ts"
import type { Lanes } from "./lanes.ts"
import type { Picture } from "../Picture.ts"
import { makeScale, type Scale, xOf } from "./scale.ts"
import type { TokenColours } from "./tokenColours.ts"
import { duration } from "../words.ts"

/** Steps of the axis, in milliseconds: the first one that leaves room for its labels is used. */
const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map((seconds) => seconds * 1_000)
const leastStep = 56

interface Note {
  readonly key: string
  readonly at: number
  readonly text: string
}

/** Pixels of a character, about. */
const characterWidth = 6.5

/** A text that would cover the next one is left out: the list of events contains it. */
const notesOf = (picture: Picture, scale: Scale): ReadonlyArray<Note> => {
  let free = Infinity
  return picture.history.toReversed().flatMap((message): ReadonlyArray<Note> => {
    if (message.type !== "note") return []
    const { at, text } = message
    const x = xOf(scale, at)
    const fits = x + text.length * characterWidth < free
    free = x
    return [{ key: `${at} ${text}`, at, text: fits ? text : "" }]
  })
}

/** Requests served in the last interval that is over. */
const rateOf = ({ interval, intervals, lastMessageAt }: Picture): string => {
  const last = [...intervals.values()].findLast(({ at }) => at + interval <= lastMessageAt)
  if (last === undefined) return ""
  return interval < 60_000 ? `${Math.round((last.served * 1_000) / interval)}/s` : `${last.served}/min`
}

/** The part of the picture that moves: what happened, with now at a fixed place. */
export const makeTimeline = (colourOf: TokenColours) => {
  const plot = byId("plot")
  const moving = plot.appendChild(svgElement("svg", { class: "moving" }))
  const notes = moving.appendChild(svgElement("g"))
  const drawBars = makeBars(moving.appendChild(svgElement("g")))
  const drawLanes = makeLaneDrawing(moving.appendChild(svgElement("g")), colourOf)
  const drawLabels = makeLaneLabels()
  const narrow = matchMedia("(max-width: 760px)")
  let scale: Scale | undefined

  const drawGrid = keyedChildren<{ readonly key: string; readonly x: number; readonly isNow: boolean }, HTMLElement>(
    byId("grid"),
    ({ isNow, key }) => element("div", { class: isNow ? "tick now" : "tick" }, element("span", {}, key)),
    (tick, { x }) => void (tick.style.left = `${x}px`)
  )
  const drawNotes = keyedChildren<Note, SVGGElement>(
    notes,
    () => {
      const group = svgElement("g", { class: "note" })
      group.append(svgElement("line", { y1: 0 }), svgElement("text", { x: 5, y: 10 }))
      return group
    },
    (group, { at, text }) => {
      if (scale === undefined) return
      if (group.lastElementChild !== null) setText(group.lastElementChild, text)
      setAttributes(group, { transform: `translate(${xOf(scale, at)} 0)` })
      if (group.firstElementChild !== null) setAttributes(group.firstElementChild, { y2: scale.height - 24 })
    }
  )

  const place = (id: string, { top }: { readonly top: number }): void => void (byId(id).style.top = `${top}px`)

  const drawFrame = (picture: Picture, current: Scale): void => {
    byId("timeline").style.height = `${current.height}px`
    place("requests-label", current.requests)
    place("token-requests-label", current.tokenRequests)
    place("tokens-label", current.names)
    setAttributes(moving, { width: current.width * 3, height: current.height })
    byId("future").style.left = `${current.nowX}px`
    const step = steps.find((millis) => millis * current.pixelsPerMilli >= leastStep) ?? picture.window
    const ticks = Array.from({ length: Math.floor(picture.window / step) + 1 }, (_, index) => index * step)
    drawGrid(
      ticks.map((millis) => ({
        key: millis === 0 ? "now" : `−${duration(millis)}`,
        x: current.nowX - millis * current.pixelsPerMilli,
        isNow: millis === 0
      }))
    )
    const isRecent = ({ at }: { readonly at: number }) => at > picture.lastMessageAt - 60_000
    const recent = [...picture.intervals.values()].filter(isRecent).reduce((sum, each) => sum + each.tokenRequests, 0)
    setText(byId("token-rate"), `${recent}/min`)
    setText(byId("rate"), rateOf(picture))
  }

  return {
    draw: (picture: Picture, lanes: Lanes, now: number): void => {
      const isNarrow = narrow.matches
      const options = { width: plot.clientWidth, isNarrow, lanes: lanes.lanes.length, window: picture.window }
      scale = makeScale({ ...options, origin: now - picture.window * 1.2 })
      drawFrame(picture, scale)
      drawBars(picture, scale)
      drawLanes(picture, lanes, { scale, now })
      drawLabels(picture, lanes, scale)
      drawNotes(notesOf(picture, scale))
    },
    /** Moves the picture to now. Returns how far it moved since it was drawn, in pixels. */
    move: (now: number): void => {
      if (scale !== undefined) moving.style.transform = `translateX(${scale.nowX - xOf(scale, now)}px)`
    }
  }
}
