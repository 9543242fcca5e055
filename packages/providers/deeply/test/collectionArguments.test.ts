import { describe, expect, it } from "vitest"
import { fakeServer, rejection } from "./support/clients.ts"
import { typedApis } from "./support/typedClients.ts"

type Wrong = readonly [option: string, query: unknown]

const noPages = [0, -1, 1.5, NaN, Infinity, 2 ** 53, "1", null, {}, [1], true, 10n]
const noSizes = [...noPages, 101, 1_000]
const noTexts = ["", null, 5, true, {}, "a\u0000b", "a\nb", "a\u007fb", "\ud800", [""], ["a", ""], [null], [[]], []]
const noInstants = [
  "",
  "yesterday",
  "2025",
  "2025-13-01",
  "2025-08-01T25:00:00Z",
  "01.08.2025",
  "2025-08-01T09:00:00Z ",
  "2025-08-01\n",
  "2025-08-01 (today)",
  new Date(NaN),
  1_754_000_000_000,
  null,
  ["2025-08-01"],
  {}
]

const wrongForBoth: ReadonlyArray<Wrong> = [
  ...noPages.map((page) => ["page", { page }] as const),
  ...noSizes.map((size) => ["size", { size }] as const),
  ...["page=2", 7, true, null, () => ({})].map((query) => ["query", query] as const),
  ...[new Map([["page", 2]]), new URLSearchParams({ page: "2" }), []].map((query) => ["query", query] as const),
  ["label", { label: "crying" }],
  ["limit", { limit: 5, page: 1 }]
]

const wrongForEvents: ReadonlyArray<Wrong> = [
  ...wrongForBoth,
  ...noTexts.map((mic_id) => ["mic_id", { mic_id }] as const),
  ...noTexts.map((label_id) => ["label_id", { label_id }] as const),
  ...noInstants.map((start) => ["start", { start }] as const),
  ...noInstants.map((end) => ["end", { end }] as const),
  ["end", { start: new Date(1), end: new Date(0) }],
  ["end", { start: "2025-08-02", end: "2025-08-01T23:59:59Z" }],
  ["end", { start: new Date("2025-08-01T00:00:00Z"), end: "2025-08-01T08:59:59+09:00" }],
  ["name", { name: "Lobby" }]
]

const wrongForMics: ReadonlyArray<Wrong> = [
  ...wrongForBoth,
  ...[...noTexts, ["Lobby"]].map((name) => ["name", { name }] as const),
  ...[...noTexts, ["edge-1"]].map((edge_id) => ["edge_id", { edge_id }] as const),
  ["label_id", { label_id: "crying" }]
]

const noIds = ["", undefined, null, 7, {}, ["event-1"], ".", "..", "a\u0000", "\ud800", "a\r\nb"]

const right: ReadonlyArray<readonly [query: unknown, sent: string]> = [
  [undefined, "page=1&size=10"],
  [{}, "page=1&size=10"],
  [{ page: undefined, size: undefined, mic_id: undefined, unknown: undefined }, "page=1&size=10"],
  [{ page: 1e9, size: 100 }, "page=1000000000&size=100"],
  [{ size: 1, label_id: "glass_break" }, "page=1&size=1&label_id=glass_break"],
  [{ label_id: ["a b", "a+b"] }, "page=1&size=10&label_id=a+b&label_id=a%2Bb"],
  [{ mic_id: "마이크" }, "page=1&size=10&mic_id=%EB%A7%88%EC%9D%B4%ED%81%AC"],
  [{ start: "2025-08-01", end: "2025-08-01" }, "page=1&size=10&start=2025-08-01&end=2025-08-01"],
  [{ start: "2025-08-01T09:00" }, "page=1&size=10&start=2025-08-01T09%3A00"],
  [{ start: "2025-08-01T09:00:00.5+09:00" }, "page=1&size=10&start=2025-08-01T09%3A00%3A00.5%2B09%3A00"],
  [{ end: new Date(0) }, "page=1&size=10&end=1970-01-01T00%3A00%3A00.000Z"],
  // A time without a zone depends on the server, so the order is not checked.
  [{ start: "2025-08-01T10:00", end: "2025-08-01T09:00:00Z" }, expect.stringContaining("start=") as string]
]

const shown = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "number" || typeof part === "bigint" ? String(part) : part
  )

describe.each(typedApis)("arguments, with the $api API", ({ open }) => {
  it.each([
    ["events", wrongForEvents],
    ["mics", wrongForMics]
  ] as const)("%s: a wrong argument is CONFIG_INVALID with its name, before anything is sent", async (name, wrong) => {
    const server = await fakeServer()
    const { list, take } = open(server)
    for (const [option, query] of wrong) {
      const [listed, taken] = [await rejection(list(name, query)), await rejection(take(name, 1, query))]
      const expected = {
        code: "CONFIG_INVALID",
        reason: { option },
        message: expect.stringContaining(option) as string
      }
      expect({ query: shown(query), listed, taken }).toMatchObject({ listed: expected, taken: expected })
    }
    expect(server.stats).toMatchObject({ tokenRequests: 0, requests: 0 })
  })

  it("a wrong id is CONFIG_INVALID, before anything is sent", async () => {
    const server = await fakeServer()
    const { get } = open(server)
    for (const id of noIds) {
      const [event, mic] = [await rejection(get("events", id)), await rejection(get("mics", id))]
      const expected = { code: "CONFIG_INVALID", reason: { option: "id" } }
      expect({ id: shown(id), event, mic }).toMatchObject({ event: expected, mic: expected })
    }
    expect(server.stats).toMatchObject({ tokenRequests: 0, requests: 0 })
  })

  it("valid arguments are sent unchanged", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    for (const [query] of right) await list("events", query)
    const sent = server.stats.log.slice(1).map(({ path }) => path.split("?")[1])
    expect(sent).toEqual(right.map(([, query]) => query))
  })

  it("an error does not repeat the value", async () => {
    const server = await fakeServer()
    const error = await rejection(open(server).list("events", { start: "not-a-date-4711" }))
    expect(String(error)).not.toContain("4711")
  })
})
