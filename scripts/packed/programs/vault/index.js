// A library that takes API keys from a vault, and has a copy of effect of its own.
import * as Redacted from "effect/Redacted"

export const redacted = Redacted.make
