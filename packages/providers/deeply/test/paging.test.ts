import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { beginReading, readPage, type Reading } from "../src/internal/paging.ts"
import { runs } from "./support/seed.ts"

interface Item {
  readonly id: string
}

const pageOf = (items: ReadonlyArray<Item>, page: number, size: number) => ({
  page,
  size,
  total_cnt: items.length,
  max_page: Math.ceil(items.length / size),
  results: items.slice((page - 1) * size, page * size)
})

const nothing = { page: 1, size: 1, total_cnt: 0, max_page: 0, ids: [] }

const begin = (size: number) => beginReading({ page: 1, size, filters: "" })

const named = (from: number, count: number): ReadonlyArray<Item> =>
  Array.from({ length: count }, (_, index) => ({ id: `${from + index}` }))

describe("the reading of all pages", () => {
  it("gives each item that was there all the time once, whatever comes in at the top before it", () => {
    const size = fc.integer({ min: 1, max: 20 })
    const arrivals = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 })
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 200 }), arrivals, (perPage, count, coming) => {
        let items = named(0, count)
        let newest = 0
        let reading: Reading | undefined = begin(perPage)
        const given: Array<string> = []
        for (let step = 0; reading !== undefined; step += 1) {
          const page = pageOf(items, reading.request.page, perPage)
          const [found, next]: readonly [ReadonlyArray<Item>, Reading | undefined] = readPage(reading, page)
          given.push(...found.map(({ id }) => id))
          reading = next
          const more = coming[step] ?? 0
          newest -= more
          items = [...named(newest, more), ...items]
        }
        expect(new Set(given).size).toBe(given.length)
        // Who is pushed for a hundred pages gives up; thirty arrivals of sixty push no small page that far.
        const pushed = coming.reduce((sum, more) => sum + more, 0)
        const always = pushed < 100 * perPage ? named(0, count).map(({ id }) => id) : []
        expect(always.filter((id) => !given.includes(id))).toEqual([])
      }),
      runs(500)
    )
  })

  it("ends for any server at all, within its ids and a hundred pages of nothing new", () => {
    const lie = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1, 10, 1e9, 2 ** 53 - 1))
    const ids = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 6 })
    const pages = fc.array(fc.record({ page: lie, size: lie, total_cnt: lie, max_page: lie, ids }), { minLength: 1 })
    fc.assert(
      fc.property(pages, fc.boolean(), (script, grows) => {
        let reading: Reading | undefined = begin(10)
        let asked = 0
        const given: Array<string> = []
        while (reading !== undefined) {
          const { ids: numbers, ...page } = script[asked % script.length] ?? nothing
          asked += 1
          const total_cnt = grows ? asked * 1_000 : page.total_cnt
          const results = numbers.map((id) => ({ id: `${id}` }))
          const [found, next]: readonly [ReadonlyArray<Item>, Reading | undefined] = readPage(reading, {
            ...page,
            total_cnt,
            results
          })
          given.push(...found.map(({ id }) => id))
          reading = next
          expect(asked).toBeLessThanOrEqual(16 * 102)
        }
        expect(new Set(given).size).toBe(given.length)
      }),
      runs(500)
    )
  })

  it("remembers ten thousand ids and no more, so that no list is too long", () => {
    let reading: Reading | undefined = begin(100)
    const { seen } = reading
    let page = 0
    while (reading !== undefined && page < 1_000) {
      const results = named(page * 100, 100)
      reading = readPage(reading, { page, size: 100, total_cnt: 1e9, max_page: 1e7, results })[1]
      page += 1
    }
    expect(page).toBe(1_000)
    expect(seen.size).toBe(10_000)
    expect(seen.has("99999")).toBe(true)
    expect(seen.has("89999")).toBe(false)
  })
})
