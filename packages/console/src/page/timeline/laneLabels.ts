import { byId, element, keyedChildren, setAttributes, setText } from "../element.ts"
import type { Lane, Lanes } from "./lanes.ts"
import type { Picture } from "../Picture.ts"
import type { Scale } from "./scale.ts"
import { counted, stateText } from "../words.ts"

const stateOf = (picture: Picture, lane: Lane): string => {
  const process = picture.processes.get(lane.process)
  if (process !== undefined && process.state !== "running") return process.state === "frozen" ? "frozen" : "killed"
  const state = picture.connections.get(lane.key)?.state
  return state === "failing" || state === "degraded" ? stateText[state] : ""
}

/** The owner of the lease, or else its last one: the lane that renewed last. */
const leaseOf = (picture: Picture, { lanes, marks }: Lanes): { readonly lane: number; readonly isHeld: boolean } => {
  const owner = lanes.findIndex(({ key }) => picture.connections.get(key)?.lease === "held")
  if (owner !== -1) return { lane: owner, isHeld: true }
  return { lane: marks.findLast(({ kind }) => kind === "renewed")?.lane ?? -1, isHeld: false }
}

/** The names of the lanes, and the lease, which moves between them. */
export const makeLaneLabels = () => {
  const drawLabels = keyedChildren<
    Lane & { readonly state: string; readonly served: number; readonly top: number },
    HTMLElement
  >(
    byId("lane-labels"),
    () =>
      element(
        "div",
        { class: "lane-label" },
        element("span", { class: "lane-name" }),
        element("span", { class: "lane-state" })
      ),
    (label, { name, served, state, top }) => {
      label.style.top = `${top}px`
      const [nameNode, stateNode] = label.children
      if (nameNode !== undefined) setText(nameNode, name)
      if (stateNode === undefined) return
      setText(stateNode, state || counted(served, "request"))
      setAttributes(stateNode, { class: state === "" ? "lane-state" : "lane-state alert" })
    }
  )
  const lease = byId("lease")

  return (picture: Picture, lanes: Lanes, scale: Scale): void => {
    const served = new Map(picture.perProcess.map((each) => [each.id, each.served]))
    drawLabels(
      lanes.lanes.map((lane, index) => ({
        ...lane,
        state: stateOf(picture, lane),
        served: served.get(lane.process) ?? 0,
        top: scale.lane(index).top
      }))
    )
    const { isHeld, lane } = leaseOf(picture, lanes)
    lease.hidden = lane === -1 || lanes.lanes.length < 2
    document.body.classList.toggle("is-alone", lanes.lanes.length < 2)
    lease.classList.toggle("held", isHeld)
    lease.style.transform = `translateY(${scale.lane(Math.max(0, lane)).top}px)`
  }
}
