import type { Answer } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { type Law, LawBroken } from "../../Law.ts"
import type { ProviderBench } from "../../ProviderBench.ts"

/** What is wrong, in a few words; nothing when nothing is. */
export type Complaint = string | undefined

/** A law that is seen at once: a provider waits for nothing. */
export const lawOf = (
  law: Omit<Law<ProviderBench>, "check" | "needs"> & {
    readonly needs?: ReadonlyArray<string>
    readonly complaint: (bench: ProviderBench) => Complaint
  }
): Law<ProviderBench> => {
  const { complaint, needs = [], ...told } = law
  const check = (bench: ProviderBench) =>
    Effect.suspend(() => {
      const reason = complaint(bench)
      return reason === undefined ? Effect.void : Effect.fail(new LawBroken({ reason }))
    })
  return { ...told, needs, check }
}

/** The first complaint that there is about any of these. */
export const firstComplaint = <A>(of: Iterable<A>, complaint: (each: A, index: number) => Complaint): Complaint => {
  let index = 0
  for (const each of of) {
    const found = complaint(each, index)
    if (found !== undefined) return found
    index += 1
  }
  return undefined
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)

/** An answer, as a complaint names it: enough to find it again. */
export const named = ({ headers, status, text }: Answer): string => {
  const shown = [...headers].map(([name, value]) => `${name}: ${shortened(value)}`)
  return `status ${status}${shown.length === 0 ? "" : ` {${shown.join("; ")}}`} with ${JSON.stringify(shortened(text))}`
}

/** Names what was answered, without what it carries: that may be a secret. */
export const tagOf = (verdict: unknown): string => String(Object(verdict)._tag)
