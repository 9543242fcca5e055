import type { AccessToken, TokenEvent } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { openClient } from "../clients/openClient.ts"
import { printableJson } from "../output/printable.ts"
import { table } from "../output/table.ts"
import { selectProfile, type ProfileChoice } from "../profiles/Profile.ts"

export const tokenFormats = ["table", "json", "header", "exec-credential"] as const

export interface TokenOptions extends ProfileChoice {
  readonly reveal?: boolean
  readonly format?: (typeof tokenFormats)[number]
}

/** Where a token came from: a token request of this process, or the storage. */
type Source = "issued" | "storage"

const secondsOf = (millis: number) => Math.round(millis / 1000)

const metadataOf = (token: AccessToken, profile: string, source: Source, now: number) => ({
  profile,
  id: token.id,
  source,
  issuedAt: new Date(token.issuedAt).toISOString(),
  ageSeconds: secondsOf(now - token.issuedAt),
  expiresAt: token.expiresAt === undefined ? null : new Date(token.expiresAt).toISOString(),
  lifetimeSource: token.lifetimeSource
})

type Metadata = ReturnType<typeof metadataOf>

const tableOf = ({ ageSeconds, expiresAt, id, lifetimeSource, profile, source }: Metadata): string =>
  table([
    ["profile", profile],
    ["id", id],
    ["source", source],
    ["age", `${ageSeconds} s`],
    ["expires", expiresAt === null ? "unknown" : `${expiresAt} (${lifetimeSource})`]
  ])

/** Kubernetes names the version that it wants in this variable. */
const execApiVersion = (): string => {
  const fallback = "client.authentication.k8s.io/v1"
  try {
    const { apiVersion } = JSON.parse(process.env["KUBERNETES_EXEC_INFO"] ?? "{}") as { readonly apiVersion?: unknown }
    return apiVersion === "client.authentication.k8s.io/v1beta1" ? apiVersion : fallback
  } catch {
    return fallback
  }
}

const execCredential = (token: AccessToken) => ({
  apiVersion: execApiVersion(),
  kind: "ExecCredential",
  status: {
    token: token.reveal(),
    ...(token.expiresAt !== undefined && { expirationTimestamp: new Date(token.expiresAt).toISOString() })
  }
})

const json = (value: unknown) => `${printableJson(value, 2)}\n`

const outputs = {
  table: (_: AccessToken, metadata: Metadata, reveal: boolean) => (reveal ? `${_.reveal()}\n` : tableOf(metadata)),
  json: (token: AccessToken, metadata: Metadata, reveal: boolean) =>
    json({ ...metadata, ...(reveal && { token: token.reveal() }) }),
  header: (token: AccessToken) => `Authorization: Bearer ${token.reveal()}\n`,
  "exec-credential": (token: AccessToken) => json(execCredential(token))
}

/** `tokenkeep token`: a valid token from the shared storage, renewed if needed. */
export const token = async (options: TokenOptions, signal: AbortSignal): Promise<void> => {
  const profile = await selectProfile(options)
  let source: Source = "storage"
  const onTokenEvent = ({ type }: TokenEvent) => {
    if (type === "issued") source = "issued"
  }
  await using keep = await openClient(profile, { onTokenEvent })
  const current = await keep.token({ signal })
  const now = await Effect.runPromise(Clock.currentTimeMillis)
  const print = outputs[options.format ?? "table"]
  process.stdout.write(print(current, metadataOf(current, profile.name, source, now), options.reveal === true))
}
