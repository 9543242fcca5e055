/** Where things are, in pixels. The labels are beside the picture, or above each row on a narrow screen. */
export interface Scale {
  readonly width: number
  readonly pixelsPerMilli: number
  /** The time at x = 0 of the layer that moves. */
  readonly origin: number
  /** The x of now, where the picture ends and the rest of a token's lifetime begins. */
  readonly nowX: number
  readonly requests: Row
  readonly tokenRequests: Row
  readonly names: Row
  readonly lane: (index: number) => Row
  readonly height: number
}

export interface Row {
  /** The top of its label. */
  readonly top: number
  /** The top of its drawing. */
  readonly y: number
  readonly height: number
}

/** The line for notes, above everything. */
const notesHeight = 22

/** The part of the width that shows the future. */
const future = 0.16

export const makeScale = (options: {
  readonly width: number
  readonly isNarrow: boolean
  readonly lanes: number
  readonly window: number
  readonly origin: number
}): Scale => {
  const { isNarrow, lanes, origin, width, window } = options
  const label = isNarrow ? 22 : 0
  const nowX = Math.round(width * (1 - future))
  const row = (top: number, height: number): Row => ({ top, y: top + label, height })
  const below = ({ height, y }: Row, gap: number): number => y + height + gap
  const requests = row(notesHeight, 72)
  const tokenRequests = row(below(requests, 20), 36)
  const names = { top: below(tokenRequests, 26), y: below(tokenRequests, 26), height: 24 }
  const pitch = isNarrow ? 50 : 40
  const firstLane = below(names, 0)
  return {
    width,
    nowX,
    origin,
    pixelsPerMilli: nowX / window,
    requests,
    tokenRequests,
    names,
    lane: (index) => ({
      top: firstLane + index * pitch,
      y: firstLane + index * pitch + label,
      height: isNarrow ? 20 : 40
    }),
    height: firstLane + lanes * pitch + 28
  }
}

export const xOf = (scale: Scale, at: number): number => (at - scale.origin) * scale.pixelsPerMilli
