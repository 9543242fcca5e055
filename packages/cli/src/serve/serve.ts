import { once } from "node:events"
import { openClient } from "../clients/openClient.ts"
import { exitCodes } from "../output/exitCodes.ts"
import { note } from "../output/note.ts"
import { type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { isWildcard, parseListen } from "./listenAddress.ts"
import { probe } from "./probe.ts"
import type { Sidecar, SidecarAdapters } from "./SidecarOptions.ts"
import { startSidecar } from "./startSidecar.ts"

export interface ServeOptions extends ProfileChoice {
  readonly listen: string
  readonly listenAnywhere?: boolean
  /** Names by which callers may call it. */
  readonly host?: ReadonlyArray<string>
  readonly allow?: ReadonlyArray<string>
  readonly allowToken?: boolean
  /** Bytes. */
  readonly replayBodyLimit?: number
  /** Seconds. */
  readonly timeout?: number
  /** Seconds. */
  readonly grace?: number
  readonly probe?: boolean
}

const millis = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000)

const probed = async ({ listen }: ServeOptions, secret: string | undefined): Promise<number> => {
  const { detail, ready } = await probe(listen, { secret })
  process.stdout.write(`${detail}\n`)
  return ready ? exitCodes.ok : exitCodes.failed
}

/** Callers get a failure as a response. The operator of the sidecar reads it here. */
const reported =
  (onTokenEvent: SidecarAdapters["onTokenEvent"]): SidecarAdapters["onTokenEvent"] =>
  (event) => {
    if (event.type === "renewal-failed") note(`tokenkeep: no new token could be obtained: ${event.code}`)
    if (event.type === "key-rejected") note(`tokenkeep: ${event.key} was rejected, and is not sent again for a while`)
    onTokenEvent?.(event)
  }

/** Obtains the token before the first request, and says at once why there is none, such as a secret that is not set. */
const reportHealth = async ({ health }: Sidecar, signal: AbortSignal): Promise<void> => {
  const { refusal } = await health()
  if (refusal === undefined || signal.aborted) return
  note(`tokenkeep: not ready: ${refusal.code}: ${refusal.message} ${refusal.fix}`)
}

const otherMachines =
  "Other machines can call the sidecar at an address of this machine, or at a name that you pass with --host. A request with any other name gets 421."

/** `tokenkeep serve`: a proxy that adds the token, until SIGTERM or Ctrl-C. */
export const serve = async (options: ServeOptions, signal: AbortSignal): Promise<number> => {
  // Not an option: every user of the machine sees those.
  const secret = process.env["TOKENKEEP_SERVE_SECRET"] || undefined
  if (options.probe === true) return probed(options, secret)
  const { allow, allowToken, grace, host: hosts, listen, listenAnywhere, replayBodyLimit, timeout } = options
  const profile = await selectProfile(options)
  const sidecar = await startSidecar({
    connect: ({ onTokenEvent, transport }) => openClient(profile, { transport, onTokenEvent: reported(onTokenEvent) }),
    name: profile.name,
    listen,
    listenAnywhere,
    secret,
    hosts,
    allow,
    allowToken,
    replayBodyLimit,
    upstreamTimeout: millis(timeout)
  })
  process.stdout.write(`export TOKENKEEP_URL=${sidecar.url}\n`)
  note(`Requests to ${sidecar.url} go to the API with the token of ${profile.name}. Ctrl-C stops the sidecar.`)
  if (isWildcard(parseListen(listen))) note(otherMachines)
  const reporting = reportHealth(sidecar, signal)
  if (!signal.aborted) await once(signal, "abort")
  const cut = await sidecar.close({ grace: millis(grace) })
  await reporting
  if (cut > 0) note(`tokenkeep: ${cut} ${cut === 1 ? "request was" : "requests were"} cut off at the end of --grace.`)
  return exitCodes.ok
}
