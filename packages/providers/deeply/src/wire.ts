import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import type { DeeplyEvent } from "./DeeplyEvent.ts"
import type { DeeplyMic } from "./DeeplyMic.ts"
import { iso8601 } from "./internal/iso8601.ts"
import type { Page } from "./Page.ts"

// What the reference documents of the bodies, and nothing else: what is added later passes through.

const instant = Schema.String.check(Schema.isPattern(iso8601))
const between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))
const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const id = Schema.NonEmptyString

const location = Schema.Struct({ latitude: between(-90, 90), longitude: between(-180, 180) })

const event = Schema.Struct({
  id,
  label: Schema.Struct({ id, name: Schema.Struct({ ko: Schema.String, en: Schema.String }) }),
  confidence: between(0, 1),
  mic: Schema.Struct({ id, name: Schema.String, location }),
  created_at: instant,
  updated_at: instant
})

const mic = Schema.Struct({
  id,
  name: Schema.String,
  host: Schema.String,
  edge_id: Schema.String,
  status: Schema.Literals(["active", "inactive"]),
  thresholds: Schema.Record(Schema.String, between(0, 1)),
  location,
  created_at: instant,
  updated_at: instant
})

const pageOf = <Item extends Schema.Constraint>(item: Item) =>
  Schema.Struct({ page: count, size: count, total_cnt: count, max_page: count, results: Schema.Array(item) })

/** Names that may stand in a message: any other came from the server, which may put a secret there. */
const documented = new Set(
  [event, mic, location, event.fields.label, event.fields.label.fields.name, pageOf(event)].flatMap(({ fields }) =>
    Object.keys(fields)
  )
)

const step = (key: PropertyKey): string => {
  if (typeof key === "number") return `[${key}]`
  return `.${typeof key === "string" && documented.has(key) ? key : "*"}`
}

/** Where in the JSON the first defect is: `$.results[3].confidence`. */
const placeOf = (issue: SchemaIssue.Issue): string => {
  switch (issue._tag) {
    case "Pointer":
      return issue.path.map(step).join("") + placeOf(issue.issue)
    case "Composite":
      return placeOf(issue.issues[0])
    case "Filter":
    case "Encoding":
      return placeOf(issue.issue)
    default:
      return ""
  }
}

/**
 * Checks a body and answers it as it came, so that what is not documented stays in it; or where it is not as documented.
 */
const checkedBy = <A>(schema: Schema.ConstraintDecoder<unknown> & { readonly Type: A }) => {
  const decode = SchemaParser.decodeUnknownResult(schema)
  return (body: unknown): Result.Result<A, string> =>
    Result.mapBoth(decode(body), { onFailure: (issue) => `$${placeOf(issue)}`, onSuccess: () => body as A })
}

/** How the body of one item and of a page of them is checked. */
export interface Wire<Item> {
  readonly one: (body: unknown) => Result.Result<Item, string>
  readonly page: (body: unknown) => Result.Result<Page<Item>, string>
}

export const eventWire: Wire<DeeplyEvent> = { one: checkedBy(event), page: checkedBy(pageOf(event)) }

export const micWire: Wire<DeeplyMic> = { one: checkedBy(mic), page: checkedBy(pageOf(mic)) }
