import { once } from "node:events"
import { setTimeout } from "node:timers/promises"
import * as Report from "../report.ts"
import { type ConsoleOptions, startConsole } from "./startConsole.ts"

/** Shows a fleet on a page until Ctrl-C, or for some seconds. */
export const showConsole = async (
  options: ConsoleOptions & { readonly seconds: number | undefined }
): Promise<void> => {
  await using running = await startConsole(options)
  Report.title("Tokenkeep", running.feed.state().title)
  Report.detail(`Open ${running.url}`)
  if (options.seconds === undefined) Report.detail("Press Ctrl-C to end it.")
  await (options.seconds === undefined
    ? Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")])
    : setTimeout(options.seconds * 1_000))
  if (options.seconds !== undefined) await running.stopFleet()
  const { failed, served, tokenRequests } = running.feed.state().counts.totals
  Report.closing(
    `${tokenRequests} token request${tokenRequests === 1 ? "" : "s"} · ${served} requests served · ${failed} failed`
  )
}
