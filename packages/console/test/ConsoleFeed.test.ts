import type { TokenEvent } from "@tokenkeep/core"
import { expect, it } from "vitest"
import { type ConsoleMessage, formatMessage, makeConsoleFeed } from "../src/index.ts"
import { Picture } from "../src/page/Picture.ts"

/** A feed with a clock that the test sets, and a page that is connected from the start. */
const setup = () => {
  const clock = { now: 1_000_000 }
  const feed = makeConsoleFeed({ title: "a fleet", window: 60_000, interval: 1_000, now: () => clock.now })
  const picture = new Picture()
  picture.apply(feed.state())
  const messages: Array<ConsoleMessage> = []
  feed.subscribe((message) => {
    messages.push(message)
    picture.apply(message)
  })
  const issued: TokenEvent = {
    type: "issued",
    at: clock.now,
    tokenId: "7f3a",
    reason: "first",
    tookMillis: 100,
    waited: 8
  }
  return { clock, feed, picture, messages, issued }
}

it("a page that was connected all the time shows what a page shows that connects now", () => {
  const { clock, feed, issued, picture } = setup()
  feed.process({ id: "1", name: "Process 1", state: "running" })
  feed.connection({ id: "1", process: "1", name: "Process 1", state: "renewing" })
  feed.tokenEvent({ process: "1", connection: "1", event: issued })
  const token = { id: "7f3a", issuedAt: clock.now, expiresAt: clock.now + 900_000 }
  feed.connection({ id: "1", process: "1", name: "Process 1", state: "usable", token })
  feed.countTokenRequests(1)
  feed.countRequests("1", { served: 20, failed: 0 })
  feed.flush()
  clock.now += 1_500
  feed.countRequests("1", { served: 5, failed: 2 })
  feed.process({ id: "1", name: "Process 1", state: "frozen" })
  feed.note("All tokens expired")
  feed.setControls([{ name: "expire", label: "Expire", hint: "Expires all tokens." }])
  feed.flush()

  const late = new Picture()
  late.apply(feed.state())
  expect(picture).toEqual(late)
  expect(late.totals).toEqual({ tokenRequests: 1, served: 25, failed: 2 })
  expect([...late.intervals.values()].map(({ served }) => served)).toEqual([20, 5])
})

it("sends only the intervals that have changed", () => {
  const { clock, feed, messages } = setup()
  feed.countRequests("1", { served: 1, failed: 0 })
  feed.flush()
  clock.now += 1_000
  feed.countRequests("1", { served: 2, failed: 0 })
  feed.flush()
  feed.flush()
  const intervals = messages.map((message) =>
    message.type === "counts" ? message.intervals.map(({ served }) => served) : []
  )
  expect(intervals).toEqual([[1], [2], []])
})

it("does not send a connection that has not changed", () => {
  const { feed, messages } = setup()
  for (const state of ["none", "none", "usable"] as const) {
    feed.connection({ id: "1", process: "1", name: "Process 1", state })
  }
  expect(messages.map((message) => (message.type === "connection" ? message.state : ""))).toEqual(["none", "usable"])
})

it("forgets what the picture no longer shows, and keeps the totals", () => {
  const { clock, feed, issued } = setup()
  const token = { id: "7f3a", issuedAt: clock.now, expiresAt: clock.now + 1_000 }
  feed.connection({ id: "1", process: "1", name: "Process 1", state: "usable", token })
  feed.connection({ id: "1", process: "1", name: "Process 1", state: "none" })
  feed.tokenEvent({ process: "1", connection: "1", event: issued })
  feed.countRequests("1", { served: 3, failed: 0 })
  clock.now += 600_000
  feed.flush()
  const { counts, history, tokens } = feed.state()
  expect([history, tokens, counts.intervals]).toEqual([[], [], []])
  expect(counts.totals.served).toBe(3)
})

it("a long history does not grow without bound", () => {
  const { feed } = setup()
  for (let index = 0; index < 5_000; index += 1) feed.note(`note ${index}`)
  const { history } = feed.state()
  expect(history).toHaveLength(1_000)
  expect(history.at(-1)).toMatchObject({ text: "note 4999" })
})

it("a message is one server-sent event, whatever its text contains", () => {
  expect(formatMessage({ type: "note", at: 0, text: "one\ntwo" })).toBe(
    'event: note\ndata: {"type":"note","at":0,"text":"one\\ntwo"}\n\n'
  )
})
