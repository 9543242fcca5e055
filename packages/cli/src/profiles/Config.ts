import { checkOptions, isTokenkeepError } from "@tokenkeep/core"
import * as v from "valibot"

/** What to use in place of a field that only another type has. */
type FieldsOfOthers = Readonly<Record<string, string>>

/** What is wrong with a field that the object does not have, with the name that is nearest. */
const unknownField = (known: ReadonlyArray<string>, others: FieldsOfOthers) => (issue: v.BaseIssue<unknown>) => {
  const name = String(issue.path?.at(-1)?.key)
  if (issue.expected !== "never")
    return issue.received === "undefined" ? "is missing" : `is ${issue.received}, not an object`
  if (Object.hasOwn(others, name)) return `is unknown. ${others[name]}`
  try {
    checkOptions({ [name]: true }, {}, undefined, known)
  } catch (error) {
    if (isTokenkeepError(error)) return `is unknown. ${error.fix}`
  }
  return "is unknown"
}

const fields = <const Entries extends v.ObjectEntries>(entries: Entries, others: FieldsOfOthers = {}) =>
  v.strictObject(entries, unknownField(Object.keys(entries), others))

/** A wrong type is repeated only if it is a known one: anything else might be a secret. */
const typeMessage = (types: ReadonlyArray<string>, text: string) => (issue: v.BaseIssue<unknown>) =>
  typeof issue.input === "string" && types.includes(issue.input)
    ? `is a string, not an object. Write { "type": "${issue.input}" }`
    : text

const text = v.pipe(v.string("is not a string"), v.nonEmpty("is empty"))

/** A file is read by more programs and people than an environment variable, so a secret has no place in it. */
const noLiteral = 'contains a secret or is not a reference. Write { "env": "NAME" } or { "file": "/path" }'

const references = [fields({ env: text }), fields({ file: text })] as const

const reference = v.union(references, noLiteral)

/** A secret that `tokenkeep login` can keep. */
const secret = v.union(references, `${noLiteral}, or run tokenkeep login`)

const storage = v.variant(
  "type",
  [
    fields({ type: v.literal("file"), directory: v.optional(text) }),
    fields({ type: v.literal("redis"), url: v.optional(reference), prefix: v.optional(text) }),
    fields({ type: v.literal("memory") })
  ],
  typeMessage(["file", "redis", "memory"], 'has no known type. Use "file", "redis" or "memory"')
)

const deeply = fields(
  {
    type: v.literal("deeply"),
    host: v.optional(text),
    apiKey: v.optional(secret),
    storage: v.optional(storage),
    encryptionKey: v.optional(reference)
  },
  { baseUrl: "A profile of the Deeply API has host instead" }
)

const grant = v.variant(
  "type",
  [
    fields({ type: v.literal("client_credentials"), scope: v.optional(text) }),
    fields({
      type: v.literal("refresh_token"),
      id: text,
      refreshToken: v.optional(secret),
      scope: v.optional(text),
      graceMillis: v.optional(
        v.pipe(
          v.number("is not a number"),
          v.minValue(0, "is negative"),
          v.maxValue(86_400_000, "is longer than a day")
        )
      )
    }),
    fields({
      type: v.custom<`${string}:${string}`>((type) => typeof type === "string" && type.includes(":"), "is not a URI"),
      id: v.optional(text),
      scope: v.optional(text),
      parameters: v.optional(v.record(text, text))
    })
  ],
  typeMessage(
    ["client_credentials", "refresh_token"],
    'has no known type. Use "client_credentials", "refresh_token" or a URI'
  )
)

const oauth2 = fields({
  type: v.literal("oauth2"),
  baseUrl: text,
  issuer: v.optional(text),
  tokenEndpoint: v.optional(text),
  client: fields({
    id: text,
    secret: v.optional(secret),
    privateKey: v.optional(reference),
    method: v.optional(
      v.picklist(
        ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "is not one of client_secret_basic, client_secret_post, private_key_jwt, none"
      )
    )
  }),
  grant,
  resource: v.optional(v.union([text, v.array(text)], "is neither a string nor a list of strings")),
  audience: v.optional(text),
  parameters: v.optional(v.record(text, text)),
  allowInsecureHttp: v.optional(v.boolean("is not true or false")),
  storage: v.optional(storage),
  encryptionKey: v.optional(reference)
})

/** The contents of `tokenkeep.config.json`. The JSON schema of the package is made from this. */
export const Config = fields({
  $schema: v.optional(text),
  /** The profile without `--profile`; a file with one profile needs none. */
  default: v.optional(text),
  profiles: v.pipe(
    v.record(text, v.variant("type", [deeply, oauth2], 'has no known type. Use "deeply" or "oauth2"')),
    v.minEntries(1, "has no profile")
  )
})

export type Config = v.InferOutput<typeof Config>
export type SecretReference = v.InferOutput<typeof secret>
export type StorageSettings = v.InferOutput<typeof storage>
export type DeeplySettings = v.InferOutput<typeof deeply>
export type OAuth2Settings = v.InferOutput<typeof oauth2>
export type ProfileSettings = DeeplySettings | OAuth2Settings
