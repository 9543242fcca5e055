/**
 * The id of a sound label. The union lists the documented labels; a later version of the API may add others.
 *
 * @example
 * ```ts
 * import type { DeeplyLabelId } from "@tokenkeep/deeply"
 *
 * const urgent: ReadonlyArray<DeeplyLabelId> = ["save_me", "help_me", "a_later_label"]
 * console.log(urgent.length) // => 3
 * ```
 */
export type DeeplyLabelId =
  | "sound_level"
  | "breathing_heavily"
  | "crying"
  | "scream_female"
  | "scream_male"
  | "aggressive_yell_female"
  | "aggressive_yell_male"
  | "normal_speech_female"
  | "normal_speech_male"
  | "save_me"
  | "help_me"
  | "physical_impacts"
  | "glass_break"
  | (string & {})

/**
 * The position of a microphone, in degrees.
 *
 * @example
 * ```ts
 * import type { DeeplyLocation } from "@tokenkeep/deeply"
 *
 * const seoul: DeeplyLocation = { latitude: 37.5665, longitude: 126.978 }
 * console.log(seoul.longitude) // => 126.978
 * ```
 */
export interface DeeplyLocation {
  /** -90 to 90. */
  readonly latitude: number
  /** -180 to 180. */
  readonly longitude: number
}

/**
 * A sound that a microphone detected, with the API's own field names. Undocumented fields stay in the object, but not in
 * this type.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyEvent } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const summary = ({ label, confidence }: DeeplyEvent) => `${label.name.en}, ${Math.round(confidence * 100)} %`
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(summary(await deeply.events.get("event-1"))) // => Male aggressive yell, 54 %
 * ```
 */
export interface DeeplyEvent {
  readonly id: string
  readonly label: {
    readonly id: DeeplyLabelId
    readonly name: { readonly ko: string; readonly en: string }
  }
  /** 0 to 1. */
  readonly confidence: number
  readonly mic: { readonly id: string; readonly name: string; readonly location: DeeplyLocation }
  /** ISO 8601. */
  readonly created_at: string
  /** ISO 8601. */
  readonly updated_at: string
}
