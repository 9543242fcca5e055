// In the bundle this stands for the module of effect of the same name, and compares nothing that does not say itself what
// it equals, such as maps and plain objects: effect only asks there whether two failures have the same reason.
import * as Equal from "effect/Equal"

export * from "effect/Equal"

export const equals = ((self: unknown, that: unknown): boolean =>
  self === that || (Equal.isEqual(self) && Equal.isEqual(that) && self[Equal.symbol](that))) as typeof Equal.equals
