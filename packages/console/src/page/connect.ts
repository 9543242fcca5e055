import type { ConsoleMessage } from "../messages.ts"

const types: ReadonlyArray<ConsoleMessage["type"]> = [
  "state",
  "token-event",
  "process",
  "connection",
  "counts",
  "note",
  "controls"
]

/** Reads the messages of the source. The browser connects again by itself, unless the server responds with an error. */
export const connect = (on: { readonly message: (message: ConsoleMessage) => void; readonly lost: () => void }) => {
  let source: EventSource
  const open = (): void => {
    source = new EventSource("events")
    for (const type of types) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => on.message(JSON.parse(data) as ConsoleMessage))
    }
    source.addEventListener("error", on.lost)
  }
  open()
  return {
    /** Connects again if the browser has given up. */
    retry: (): void => {
      if (source.readyState === EventSource.CLOSED) open()
    }
  }
}
