import type { TokenEvent } from "@tokenkeep/core"
import { expect, it } from "vitest"
import type { HistoryMessage, ProcessMessage } from "../src/index.ts"
import { Picture } from "../src/page/Picture.ts"
import { lanesIn } from "../src/page/timeline/lanes.ts"

const event = (process: string, message: TokenEvent): HistoryMessage => ({
  type: "token-event",
  process,
  connection: process,
  event: message
})
const issued = (process: string, at: number, tokenId: string) =>
  event(process, { type: "issued", at, tokenId, reason: "window", tookMillis: 1, waited: 0 })
const adopted = (process: string, at: number, tokenId: string) =>
  event(process, { type: "adopted", at, tokenId, reason: "window", waited: 0 })
const state = (id: string, at: number, value: ProcessMessage["state"]): ProcessMessage => ({
  type: "process",
  at,
  id,
  name: `Process ${id}`,
  state: value
})

/** Two processes that share token a of 100 ms. */
const shared = (...more: ReadonlyArray<HistoryMessage>) => {
  const picture = new Picture()
  for (const id of ["1", "2"]) {
    picture.apply(state(id, 0, "running"))
    picture.apply({ type: "connection", id, process: id, name: `Process ${id}`, state: "none" })
  }
  picture.tokens.set("a", { id: "a", issuedAt: 10, expiresAt: 110 })
  for (const message of [issued("1", 10, "a"), adopted("2", 12, "a"), ...more]) picture.apply(message)
  return lanesIn(picture)
}

const segmentsOf = (lanes: ReturnType<typeof shared>) =>
  lanes.segments.map(({ from, lane, to, token }) => `${lane} ${token} ${from}-${to}`)

it("a token lasts until it expires, and its way leads from the process that renewed it", () => {
  const lanes = shared()
  expect(segmentsOf(lanes)).toEqual(["0 a 10-110", "1 a 12-110"])
  expect(lanes.links.map(({ from, to }) => [from.lane, from.at, to.lane, to.at])).toEqual([[0, 10, 1, 12]])
  expect(lanes.marks.map(({ kind, lane }) => `${lane} ${kind}`)).toEqual(["0 renewed", "1 adopted"])
})

it("a token ends when another one replaces it; one of unknown lifetime has no end", () => {
  expect(segmentsOf(shared(issued("2", 90, "b")))).toEqual(["0 a 10-110", "1 a 12-90", "1 b 90-Infinity"])
})

it("a token ends when it is rejected, and when its process is killed", () => {
  const rejected = event("1", { type: "rejected", at: 50, tokenId: "a", reason: "expired", age: 40 })
  const lanes = shared(rejected, state("2", 60, "stopped"), state("2", 80, "running"), adopted("2", 85, "a"))
  expect(segmentsOf(lanes)).toEqual(["0 a 10-50", "1 a 12-60", "1 a 85-110"])
  expect(lanes.gaps).toMatchObject([{ lane: 1, state: "stopped", from: 60, to: 80 }])
})

it("a frozen process keeps its token", () => {
  const lanes = shared(state("2", 60, "frozen"))
  expect(segmentsOf(lanes)).toEqual(["0 a 10-110", "1 a 12-110"])
  expect(lanes.gaps).toMatchObject([{ lane: 1, state: "frozen", from: 60, to: Infinity }])
})

it("a process with several connections has a lane for each", () => {
  const picture = new Picture()
  picture.apply(state("1", 0, "running"))
  for (const id of ["acme", "globex"]) picture.apply({ type: "connection", id, process: "1", name: id, state: "none" })
  expect(lanesIn(picture).lanes.map(({ name }) => name)).toEqual(["acme", "globex"])
})

it("a page that was opened late shows the current token from when it was issued", () => {
  const picture = new Picture()
  picture.apply(state("1", 0, "running"))
  const token = { id: "a", issuedAt: 5, expiresAt: 105 }
  picture.apply({ type: "connection", id: "1", process: "1", name: "Process 1", state: "usable", token })
  expect(segmentsOf(lanesIn(picture))).toEqual(["0 a 5-105"])
})
