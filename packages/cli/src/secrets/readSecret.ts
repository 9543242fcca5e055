import { ApiKey } from "@tokenkeep/core"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { Writable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { UsageError } from "../output/UsageError.ts"

/** More than any secret has: what is longer is not read to its end. */
const longest = 64 * 1024

/** One line of a pipe or file. */
const fromPipe = async (signal: AbortSignal): Promise<string> => {
  let text = ""
  process.stdin.setEncoding("utf8")
  const stop = () => process.stdin.destroy(signal.reason)
  signal.addEventListener("abort", stop)
  try {
    for await (const chunk of process.stdin) {
      text += String(chunk)
      if (text.length > longest) break
    }
    return text
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

/** The line editor echoes what is typed into its output. */
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

/** Lines that are typed or pasted, without echo and without a history. */
const fromTerminal = async (prompt: string, signal: AbortSignal): Promise<string> => {
  const lines: Array<string> = []
  // It sets the terminal to raw mode, which turns the terminal's own echo off and lets more than 4096 characters in.
  const reader = createInterface({ input: process.stdin, output: nowhere(), terminal: true, historySize: 0 })
  reader.on("line", (line) => lines.push(line))
  // Ctrl-Z would leave the raw mode, and the terminal would show what is typed next.
  reader.on("SIGTSTP", () => undefined)
  // Without a listener, a second Ctrl-C would end the line as Enter does.
  let isInterrupted = false
  reader.on("SIGINT", () => {
    if (!isInterrupted) process.kill(process.pid, "SIGINT")
    isInterrupted = true
  })
  process.stderr.write(prompt)
  try {
    await Promise.race([once(reader, "line", { signal }), once(reader, "close", { signal })])
    // The other lines of a paste follow at once.
    await setImmediate()
    return lines.join("\n")
  } finally {
    reader.close()
    process.stderr.write("\n")
  }
}

/**
 * Reads a secret, from a terminal without echo, else from stdin. Throws `API_KEY_MALFORMED` for what cannot be one, such
 * as an empty line or two lines.
 *
 * @param noun What messages call it, such as "API key".
 */
export const readSecret = async (noun: string, signal: AbortSignal): Promise<string> => {
  const isTerminal = process.stdin.isTTY
  const text = isTerminal ? await fromTerminal(`${noun} (not shown): `, signal) : await fromPipe(signal)
  if (text.trim() === "") {
    throw new UsageError(
      `The ${noun} is empty.`,
      isTerminal ? "Paste it, and press Enter." : "Pass it on stdin, or run this command in a terminal."
    )
  }
  return ApiKey.make(text, { name: "stdin", noun }).reveal()
}
