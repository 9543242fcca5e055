/**
 * The position of a sample microphone, in degrees.
 *
 * @example
 * ```ts
 * import type { SampleLocation } from "@tokenkeep/deeply/testing"
 *
 * const seoul: SampleLocation = { latitude: 37.5665, longitude: 126.978 }
 * console.log(seoul.latitude) // => 37.5665
 * ```
 */
export interface SampleLocation {
  readonly latitude: number
  readonly longitude: number
}

/**
 * A sample event, in the form in which the API returns it.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type SampleEvent } from "@tokenkeep/deeply/testing"
 *
 * const glass: SampleEvent = {
 *   id: "event-7",
 *   label: { id: "glass_break", name: { ko: "유리 깨지는 소리", en: "Glass break" } },
 *   confidence: 0.97,
 *   mic: { id: "mic-1", name: "Lobby", location: { latitude: 37.5, longitude: 127 } },
 *   created_at: "2025-08-01T09:00:00.000Z",
 *   updated_at: "2025-08-01T09:00:01.000Z"
 * }
 * const fake = createFakeDeeply({ events: [glass] })
 *
 * const headers = { authorization: `Bearer ${fake.apiKey}` }
 * const issued = await fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers }))
 * const { access_token } = await issued.json()
 * const request = new Request("http://fake/api/v1/events", { headers: { authorization: `Bearer ${access_token}` } })
 * const page = await (await fake.handle(request)).json()
 * console.log(page.total_cnt, page.results[0].label.id) // => 1 glass_break
 * ```
 */
export interface SampleEvent {
  readonly id: string
  readonly label: { readonly id: string; readonly name: { readonly ko: string; readonly en: string } }
  /** 0 to 1. */
  readonly confidence: number
  readonly mic: { readonly id: string; readonly name: string; readonly location: SampleLocation }
  /** ISO 8601. */
  readonly created_at: string
  /** ISO 8601. */
  readonly updated_at: string
}

/** @internal A sample microphone, in the form in which the API returns it. */
export interface SampleMic {
  readonly id: string
  readonly name: string
  readonly host: string
  readonly edge_id: string
  readonly status: "active" | "inactive"
  readonly thresholds: Readonly<Record<string, number>>
  readonly location: SampleLocation
  readonly created_at: string
  readonly updated_at: string
}

const labels: readonly SampleEvent["label"][] = [
  { id: "sound_level", name: { ko: "소음 크기", en: "Sound level" } },
  { id: "breathing_heavily", name: { ko: "거친 숨소리", en: "Heavy breathing" } },
  { id: "crying", name: { ko: "울음소리", en: "Crying" } },
  { id: "scream_female", name: { ko: "여성 비명", en: "Female scream" } },
  { id: "scream_male", name: { ko: "남성 비명", en: "Male scream" } },
  { id: "aggressive_yell_female", name: { ko: "여성 고함", en: "Female aggressive yell" } },
  { id: "aggressive_yell_male", name: { ko: "남성 고함", en: "Male aggressive yell" } },
  { id: "normal_speech_female", name: { ko: "여성 대화", en: "Female normal speech" } },
  { id: "normal_speech_male", name: { ko: "남성 대화", en: "Male normal speech" } },
  { id: "save_me", name: { ko: "살려주세요", en: "Save me" } },
  { id: "help_me", name: { ko: "도와주세요", en: "Help me" } },
  { id: "physical_impacts", name: { ko: "충격음", en: "Physical impact" } },
  { id: "glass_break", name: { ko: "유리 깨지는 소리", en: "Glass break" } }
]

const places = ["Lobby", "Corridor", "Stairwell", "Parking level 1", "Rooftop"]
const installed = Date.parse("2025-06-01T00:00:00Z")
const newest = Date.parse("2025-08-31T12:00:00Z")
const minute = 60_000

type Random = () => number

/** Mulberry32: numbers from 0 to below 1 for a 32-bit seed, the same in every runtime. */
const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
const isoAt = (instant: number) => new Date(instant).toISOString()
const pick = <A>(from: readonly A[], random: Random): A => from[Math.floor(random() * from.length)] as A

const micOf = (mic: SampleEvent["mic"], index: number, random: Random): SampleMic => ({
  ...mic,
  host: `192.0.2.${(index % 254) + 1}`,
  edge_id: `edge-${(index % 2) + 1}`,
  status: random() < 0.8 ? "active" : "inactive",
  thresholds: Object.fromEntries(labels.slice(1).map(({ id }) => [id, rounded(0.5 + random() * 0.4, 2)])),
  created_at: isoAt(installed + index * minute),
  updated_at: isoAt(installed + index * minute + Math.floor(random() * 1_000) * minute)
})

const placeOf = (name: string, index: number, random: Random): SampleEvent["mic"] => ({
  id: `mic-${index + 1}`,
  name,
  location: { latitude: rounded(37.5 + random() * 0.1, 4), longitude: rounded(126.9 + random() * 0.2, 4) }
})

const eventOf = (index: number, instant: number, mic: SampleEvent["mic"], random: Random): SampleEvent => ({
  id: `event-${index + 1}`,
  label: pick(labels, random),
  confidence: rounded(0.5 + random() * 0.5, 2),
  mic,
  created_at: isoAt(instant),
  updated_at: isoAt(instant + 1_000)
})

/** @internal The data of a fake server; the same seed generates the same data. */
export interface SampleData {
  /** Generated events are sorted, the newest first. */
  readonly events: readonly SampleEvent[]
  readonly mics: readonly SampleMic[]
}

/** @internal Generates this number of events, or uses the given events and generates their microphones. */
export const sampleData = (events: number | readonly SampleEvent[], seed: number): SampleData => {
  const random = randomFrom(seed)
  if (typeof events !== "number") return { events, mics: micsOf(events, random) }
  const spots = places.map((name, index) => placeOf(name, index, random))
  const mics = spots.map((spot, index) => micOf(spot, index, random))
  let instant = newest
  const generated = Array.from({ length: events }, (_, index) => {
    instant -= Math.ceil(random() * 10) * minute
    return eventOf(index, instant, pick(spots, random), random)
  })
  return { events: generated, mics }
}

const micsOf = (events: readonly SampleEvent[], random: Random) => {
  const distinct = new Map(events.map(({ mic }) => [mic.id, mic]))
  return [...distinct.values()].map((mic, index) => micOf(mic, index, random))
}
