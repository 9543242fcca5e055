import type { Provider } from "@tokenkeep/core"
import { makeProviderBench } from "./internal/provider/bench.ts"
import type { Subject } from "./Law.ts"
import type { ProviderBench } from "./ProviderBench.ts"
import { providerLaws } from "./providerLaws.ts"

/**
 * One answer, as the reference of an API documents it.
 *
 * @example
 * ```ts
 * import type { DocumentedAnswer } from "@tokenkeep/conformance"
 *
 * const refused: DocumentedAnswer = { status: 401, body: { error: "invalid_client" } }
 * console.log(refused.status) // => 401
 * ```
 */
export interface DocumentedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text as it is, or anything else as JSON; nothing by default. */
  readonly body?: unknown
}

/**
 * What the laws have to know of a provider: itself, and what its API documents. What is left out is not documented, and
 * the laws that need it do not apply.
 *
 * @example
 * ```ts
 * import type { ProviderSubjectOptions } from "@tokenkeep/conformance"
 *
 * const documented: Pick<ProviderSubjectOptions, "issued" | "keyRejected"> = {
 *   issued: { status: 200, body: { token: "tok-1", seconds: 60 }, token: "tok-1", lifetime: 60_000 },
 *   keyRejected: { status: 401, body: { error: "unknown key" } }
 * }
 * console.log(documented.issued.lifetime) // => 60000
 * ```
 */
export interface ProviderSubjectOptions {
  readonly title: string
  readonly provider: Provider["Service"]
  /** What the issue endpoint answers to a good key, and what that says. */
  readonly issued: DocumentedAnswer & {
    /** The token in it, which should be in it once. */
    readonly token: string
    /** In milliseconds. */
    readonly lifetime?: number | undefined
    /** In epoch milliseconds. */
    readonly expiresAt?: number | undefined
  }
  /** What it answers to a key that it does not accept. */
  readonly keyRejected: DocumentedAnswer
  /** What any other endpoint answers to a token that has expired. */
  readonly expired?: DocumentedAnswer | undefined
  /** The same for a token that it does not know. */
  readonly invalid?: DocumentedAnswer | undefined
  /** The same where no token arrived. */
  readonly missing?: DocumentedAnswer | undefined
  /** What it answers to too many requests, and what that says. */
  readonly limited?:
    | (DocumentedAnswer & {
        /** In epoch milliseconds. */
        readonly resetAt?: number | undefined
        readonly limit?: number | undefined
        readonly remaining?: number | undefined
      })
    | undefined
  /** A key as the provider takes it; `sk-live-2f6c1d8e7b3a4950` by default. */
  readonly apiKey?: string | undefined
  /** The parts of the key that are secret, where they are sent apart; the whole of it by default. */
  readonly secrets?: ReadonlyArray<string> | undefined
  /** Where the random answers begin; the same seed gives the same answers. */
  readonly seed?: number | undefined
  /** How many random answers are tried, 500 by default. */
  readonly cases?: number | undefined
  /** How long one law may take, in milliseconds (60,000). */
  readonly deadline?: number | undefined
}

const offered = ["expired", "invalid", "missing", "limited"] as const

const offersOf = (options: ProviderSubjectOptions): ReadonlySet<string> => {
  const { expiresAt, lifetime, body } = options.issued
  const json = typeof body === "object" && body !== null
  return new Set([
    ...offered.filter((name) => options[name] !== undefined),
    ...(lifetime === undefined && expiresAt === undefined ? [] : ["lifetime"]),
    ...(json ? ["json"] : [])
  ])
}

/**
 * A provider, to be checked against the laws of providers.
 *
 * @example
 * ```ts
 * import { formatReport, providerSubject, runLaws } from "@tokenkeep/conformance"
 * import { cloud, deeplyProvider } from "@tokenkeep/deeply"
 * import * as Effect from "effect/Effect"
 *
 * const subject = providerSubject({
 *   title: "Deeply",
 *   provider: deeplyProvider(cloud),
 *   issued: { status: 200, body: { access_token: "tok-1" }, token: "tok-1" },
 *   keyRejected: { status: 401, body: { detail: { message: "Unknown key." } } }
 * })
 * const report = await Effect.runPromise(runLaws(subject))
 * console.log(report.kept, formatReport(report).split("\n").at(-1)?.startsWith("Deeply: ")) // => true true
 * ```
 */
export const providerSubject = (options: ProviderSubjectOptions): Subject<ProviderBench> => ({
  title: options.title,
  laws: providerLaws,
  offers: offersOf(options),
  bench: makeProviderBench(options),
  clock: "live",
  deadline: options.deadline ?? 60_000
})
