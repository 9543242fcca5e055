import { type ConsoleFeed, formatMessage } from "console-page"
import type { ServerResponse } from "node:http"

/** A page that does not read is disconnected when this many bytes wait for it. It connects again by itself. */
const longestQueue = 1024 * 1024

/** Sends a complete picture, then every change, until the page or the sidecar ends. */
export const makeEvents = (feed: ConsoleFeed) => {
  const open = new Set<ServerResponse>()
  return {
    stream: (response: ServerResponse): void => {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" })
      response.write(formatMessage(feed.state()))
      const unsubscribe = feed.subscribe((message) => {
        if (response.writableLength > longestQueue) response.destroy()
        else response.write(formatMessage(message))
      })
      open.add(response)
      response.once("close", () => {
        unsubscribe()
        open.delete(response)
      })
    },
    end: (): void => open.forEach((response) => response.end())
  }
}
