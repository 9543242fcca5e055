import type { ProviderResponse } from "@tokenkeep/core"

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)

/** A response in a failure message: enough to find it again. */
export const describeResponse = ({ headers, status, text }: ProviderResponse): string => {
  const shown = [...headers].map(([name, value]) => `${name}: ${shortened(value)}`)
  return `status ${status}${shown.length === 0 ? "" : ` {${shown.join("; ")}}`} with ${JSON.stringify(shortened(text))}`
}

/** The tag of a verdict, without its fields: they may hold a secret. */
export const tagOf = (verdict: unknown): string => String(Object(verdict)._tag)
