// One of a fleet that shares a token through files. Told to, it makes a request, and says how it came by its new token.
import type { TokenEvent } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { FileStorage } from "@tokenkeep/storage-file"

export interface Renewal {
  /** `none` where the token was renewed before the request was refused. */
  readonly type: "issued" | "adopted" | "none"
  /** Epoch milliseconds. */
  readonly at: number
}

const [host = "", apiKey = "", directory = ""] = process.argv.slice(2)
let last: Renewal = { type: "none", at: 0 }
const onEvent = (event: TokenEvent): void => {
  if (event.type === "issued" || event.type === "adopted") last = { type: event.type, at: event.at }
}
// Tokens end faster here than any budget allows.
const budget = { burst: 1_000, perSecond: 1_000 }
const deeply = createDeeply({ host, apiKey, budget, onEvent, storage: FileStorage.layer({ directory }) })

process.on("message", () => {
  last = { type: "none", at: 0 }
  void (async () => {
    const response = await deeply.fetch("/api/v1/events?size=1")
    await response.text()
    process.send?.(last)
  })()
})
process.once("disconnect", () => process.exit(0))
process.send?.("ready")
