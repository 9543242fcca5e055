/** The kinds of workspace members. */
export type Kind = "core" | "provider" | "transport" | "storage" | "conformance" | "bundle" | "app"

interface Place {
  readonly pattern: RegExp
  readonly kind: Kind
}

export const places: ReadonlyArray<Place> = [
  { pattern: /^packages\/core$/, kind: "core" },
  { pattern: /^packages\/providers\/[^/]+$/, kind: "provider" },
  { pattern: /^packages\/transports\/[^/]+$/, kind: "transport" },
  { pattern: /^packages\/storage\/[^/]+$/, kind: "storage" },
  { pattern: /^packages\/conformance$/, kind: "conformance" },
  { pattern: /^packages\/tokenkeep$/, kind: "bundle" },
  { pattern: /^apps\/[^/]+$/, kind: "app" },
  { pattern: /^bench$/, kind: "app" }
]

const core = "@tokenkeep/core"

/** The packages that each kind may import. An app composes, so it may import all of them. */
export const foundations: Readonly<Record<Exclude<Kind, "app">, ReadonlyArray<string>>> = {
  core: ["effect"],
  provider: [core, "effect"],
  transport: [core, "effect"],
  storage: [core, "effect"],
  conformance: [core, "effect", "vitest"],
  bundle: [
    core,
    "@tokenkeep/deeply",
    "@tokenkeep/storage-file",
    "@tokenkeep/storage-memory",
    "@tokenkeep/storage-redis",
    "@tokenkeep/transport-fetch",
    "@tokenkeep/transport-ky",
    "@tokenkeep/transport-undici",
    "effect"
  ]
}

/** An adapter wraps a library, which is its peer dependency. The bundle contains adapters. */
export const mayImportOwnPeers: ReadonlySet<Kind> = new Set<Kind>(["transport", "storage", "bundle"])

/** A provider's promise API has default adapters. One file chooses them. */
export const composition = {
  kind: "provider",
  file: "src/defaultAdapters.ts",
  packages: ["@tokenkeep/transport-fetch", "@tokenkeep/storage-memory"]
} as const

/** These packages run wherever there is a fetch, so they import no module of Node. */
export const runtimeNeutral: ReadonlySet<string> = new Set([
  "packages/core",
  "packages/providers/deeply",
  "packages/transports/fetch",
  "packages/storage/memory",
  "packages/conformance",
  "packages/tokenkeep"
])

/** The contract tests of transports have their own entry, because they need servers on real sockets. */
export const nodeFolder = "packages/conformance/src/internal/transport/"

/** The one entry that uses an unstable module of effect, as its name says. */
export const unstableFolder = "packages/core/src/unstable-http/"

/** The fake server has to listen. It loads node:http when it is started, not when it is imported. */
export const nodeException = {
  file: "packages/providers/deeply/src/testing/startFakeDeeply.ts",
  specifier: "node:http",
  kinds: ["dynamic", "type"]
} as const
