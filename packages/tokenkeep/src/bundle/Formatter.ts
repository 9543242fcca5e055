// In the bundle this stands for the module of effect of the same name. It prints effect's own values, and nobody gets to
// see one there.
import type * as Formatter from "effect/Formatter"

export * from "effect/Formatter"

export const format: typeof Formatter.format = String
