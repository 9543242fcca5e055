// Replaces the module of the same name in @tokenkeep/core, which exports through layers of effect: users of this package
// cannot make one. They have tokenkeep/opentelemetry.
import type { TelemetryService } from "@tokenkeep/core"
import * as Effect from "effect/Effect"

const nothing = () => Effect.void

export const effectTelemetry: TelemetryService = { span: (_, effect) => effect, count: nothing, recordMillis: nothing }
