import { metrics, tokenkeepErrorCodes } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { FileStorage } from "@tokenkeep/storage-file"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { startSidecar } from "../../src/serve/startSidecar.ts"
import { selectorsOf } from "../support/promQl.ts"

const monitoring = join(import.meta.dirname, "../../../../docs/monitoring")
const read = (file: string): string => readFileSync(join(monitoring, file), "utf8")

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string }
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly gridPos: Readonly<Record<"h" | "w" | "x" | "y", number>>
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly targets: ReadonlyArray<{ readonly refId: string; readonly expr: string; readonly legendFormat: string }>
}

const { groups } = parse(read("alerts.yml")) as {
  readonly groups: ReadonlyArray<{ readonly name: string; readonly rules: ReadonlyArray<Alert> }>
}
const alerts = groups.flatMap(({ rules }) => rules)
const dashboard = JSON.parse(read("dashboard.json")) as {
  readonly panels: ReadonlyArray<Panel>
  readonly templating: { readonly list: ReadonlyArray<{ readonly name: string }> }
}

const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ targets, title }) => targets.map(({ expr }) => [title, expr] as const))
]

/** Prometheus adds these to what it scrapes. */
const targetLabels = ["job", "instance"]

/** The values that core gives a label, for the labels that alerts and panels compare. */
const valuesOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  outcome: ["issued", "adopted", ...tokenkeepErrorCodes, "served", "failed", "aborted", "refused"],
  reason: ["first", "expired", "rejected", "window", "invalid", "unknown"]
}

/** The labels of each metric that a sidecar prints, after everything that is counted has happened in this process. */
const printed = new Map<string, ReadonlySet<string>>()

/** Collectors add a suffix to the names of counters. */
const exportedAs = (name: string) => (name.endsWith("_bucket") ? [name] : [name, `${name}_total`])

const labelsOf = (metric: RegExp): ReadonlyArray<string> => [
  ...targetLabels,
  ...[...printed].filter(([name]) => metric.test(name)).flatMap(([, labels]) => [...labels])
]

beforeAll(async () => {
  await using server = await startFakeDeeply({ tokenRequestLatency: 50 })
  const options = { apiKey: server.apiKey, host: server.host }
  const storage = MemoryStorage.layer()
  await using first = createDeeply({ ...options, storage })
  await using second = createDeeply({ ...options, storage })
  // A path that is no directory.
  const broken = FileStorage.layer({ directory: import.meta.filename })
  await using third = createDeeply({ ...options, storage: broken, storageGrace: 1 })
  await Promise.all([first.token(), second.token(), third.token()])
  server.expireTokens()
  await first.fetch("/api/v1/mics")

  const { close, url } = await startSidecar({
    listen: "127.0.0.1:0",
    connect: (adapters) => createDeeply({ ...options, ...adapters })
  })
  await (await fetch(`${url}/api/v1/mics`)).text()
  const text = await (await fetch(`${url}/-/metrics`)).text()
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const found = [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label)
    printed.set(name, new Set([...(printed.get(name) ?? []), ...found]))
  }
  await close({ grace: 0 })
})

describe("docs/monitoring", () => {
  it("OBS-3: reads all metrics that are exported, and no other", () => {
    const suffix = /_(bucket|sum|count)$/
    const names = new Set([...printed.keys()].map((name) => name.replace(suffix, "")))
    expect(names).toEqual(new Set([...Object.values(metrics), "tokenkeep_sidecar_requests"]))
    const selectors = expressions.flatMap(([, expression]) => selectorsOf(expression).selectors)
    const isRead = (name: string) => selectors.some(({ metric }) => metric.test(name) || metric.test(`${name}_bucket`))
    expect([...names].filter((name) => !isRead(name))).toEqual([])
  })

  it.each(expressions)("OBS-3: %s reads metrics and labels that the sidecar prints", (_, expression) => {
    const { grouping, selectors } = selectorsOf(expression)
    expect(selectors.length).toBeGreaterThan(0)
    for (const { labels, metric } of selectors) {
      const names = [...printed.keys()].filter((name) => metric.test(name))
      expect(names).toHaveLength(1)
      expect(names.flatMap(exportedAs).filter((name) => !metric.test(name))).toEqual([])
      expect(labelsOf(metric)).toEqual(expect.arrayContaining([...labels.map(({ name }) => name), ...grouping]))
      for (const { name, value } of labels.filter((label) => label.name in valuesOf)) {
        const alternatives = value.split("|").map((alternative) => new RegExp(`^(?:${alternative})$`))
        const unknown = alternatives.filter((one) => valuesOf[name]?.some((known) => one.test(known)) !== true)
        expect(unknown).toEqual([])
      }
    }
  })

  it("has the shape of alert rules, whose texts name labels that the alert has", () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
    for (const { alert, annotations, expr, for: duration = "0m", labels } of alerts) {
      expect(alert).toMatch(/^Tokenkeep[A-Z]\w+$/)
      expect(["critical", "warning"]).toContain(labels.severity)
      expect(duration).toMatch(/^\d+m$/)
      const { grouping, selectors } = selectorsOf(expr)
      const kept = grouping.length > 0 ? grouping : selectors.flatMap(({ metric }) => labelsOf(metric))
      const named = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name)
      expect(kept).toEqual(expect.arrayContaining(named))
      expect(Object.keys(annotations)).toEqual(["summary", "description"])
    }
  })

  it("has the shape of a dashboard, with panels that do not overlap and variables that exist", () => {
    const variables = dashboard.templating.list.map(({ name }) => `$${name}`)
    const places = dashboard.panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)
    expect(new Set(places).size).toBe(places.length)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    for (const { datasource, description, gridPos, targets } of dashboard.panels) {
      expect(datasource).toEqual({ type: "prometheus", uid: "${datasource}" })
      expect(description).not.toBe("")
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (const { expr, legendFormat } of targets) {
        const used = [...expr.matchAll(/\$[a-z]\w*/g)].map(([name]) => name)
        expect(variables).toEqual(expect.arrayContaining(used))
        const grouped = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name)
        expect(selectorsOf(expr).grouping).toEqual(expect.arrayContaining(grouped))
      }
    }
  })
})
