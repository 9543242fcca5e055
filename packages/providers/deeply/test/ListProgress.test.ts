import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { startList, readPage, type ListProgress } from "../src/pages/ListProgress.ts"
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

const startWith = (size: number) => startList({ page: 1, size, filters: "" })

const itemsWithIds = (from: number, count: number): ReadonlyArray<Item> =>
  Array.from({ length: count }, (_, index) => ({ id: `${from + index}` }))

describe("reading all pages", () => {
  it("returns each item that exists all the time once, even if items are added at the top", () => {
    const size = fc.integer({ min: 1, max: 20 })
    const arrivals = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 })
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 200 }), arrivals, (perPage, count, added) => {
        let items = itemsWithIds(0, count)
        let newest = 0
        let progress: ListProgress | undefined = startWith(perPage)
        const returned: Array<string> = []
        for (let step = 0; progress !== undefined; step += 1) {
          const page = pageOf(items, progress.request.page, perPage)
          const [found, next]: readonly [ReadonlyArray<Item>, ListProgress | undefined] = readPage(progress, page)
          returned.push(...found.map(({ id }) => id))
          progress = next
          const more = added[step] ?? 0
          newest -= more
          items = [...itemsWithIds(newest, more), ...items]
        }
        expect(new Set(returned).size).toBe(returned.length)
        // A list that is pushed down by a hundred pages ends early, which can only happen with small pages.
        const pushed = added.reduce((sum, more) => sum + more, 0)
        const always = pushed < 100 * perPage ? itemsWithIds(0, count).map(({ id }) => id) : []
        expect(always.filter((id) => !returned.includes(id))).toEqual([])
      }),
      runs(500)
    )
  })

  it("ends for any server, at most a hundred pages after the last new item", () => {
    const wrongCount = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1, 10, 1e9, 2 ** 53 - 1))
    const ids = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 6 })
    const pages = fc.array(
      fc.record({ page: wrongCount, size: wrongCount, total_cnt: wrongCount, max_page: wrongCount, ids }),
      { minLength: 1 }
    )
    fc.assert(
      fc.property(pages, fc.boolean(), (script, grows) => {
        let progress: ListProgress | undefined = startWith(10)
        let requests = 0
        const returned: Array<string> = []
        while (progress !== undefined) {
          const { ids: numbers, ...page } = script[requests % script.length] ?? nothing
          requests += 1
          const total_cnt = grows ? requests * 1_000 : page.total_cnt
          const results = numbers.map((id) => ({ id: `${id}` }))
          const [found, next]: readonly [ReadonlyArray<Item>, ListProgress | undefined] = readPage(progress, {
            ...page,
            total_cnt,
            results
          })
          returned.push(...found.map(({ id }) => id))
          progress = next
          expect(requests).toBeLessThanOrEqual(16 * 102)
        }
        expect(new Set(returned).size).toBe(returned.length)
      }),
      runs(500)
    )
  })

  it("remembers the last ten thousand ids, so that memory is bounded for any list", () => {
    let progress: ListProgress | undefined = startWith(100)
    const { seenIds } = progress
    let page = 0
    while (progress !== undefined && page < 1_000) {
      const results = itemsWithIds(page * 100, 100)
      progress = readPage(progress, { page, size: 100, total_cnt: 1e9, max_page: 1e7, results })[1]
      page += 1
    }
    expect(page).toBe(1_000)
    expect(seenIds.size).toBe(10_000)
    expect(seenIds.has("99999")).toBe(true)
    expect(seenIds.has("89999")).toBe(false)
  })
})
