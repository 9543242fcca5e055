import { type Fault, startFakeDeeply } from "@tokenkeep/deeply/testing"
import { once } from "node:events"
import { note } from "../output/note.ts"
import { faultsPage } from "../output/pageOf.ts"
import { UsageError } from "../output/UsageError.ts"
import { parseJson } from "../parseJson.ts"
import { fileProblem, readTextFile } from "../readTextFile.ts"

/** Bytes. */
const longestFile = 2 ** 20

export interface FakeOptions {
  readonly listen: string
  readonly faults?: string
  /** Seconds. */
  readonly lifetime?: number
}

/** The fake server is for this machine only: its key protects nothing. */
const portOf = (listen: string): number => {
  const [, port = ""] = /^(?:(?:127\.0\.0\.1|localhost):)?(\d{1,5})$/.exec(listen) ?? []
  if (port !== "" && Number(port) <= 65_535) return Number(port)
  throw new UsageError(
    "The value of --listen is not a port of this machine.",
    "Pass one such as 127.0.0.1:8100; port 0 takes a free one."
  )
}

/** JSON has no Infinity, so a fault for all requests has `"times": "always"`. */
const faultOf = (fault: Fault | { readonly times: "always" }): Fault =>
  fault.times === "always" ? { ...fault, times: Infinity } : fault

const notFaults = (problem: string) =>
  new UsageError(
    `The file of --faults cannot be used: ${problem}.`,
    'Pass a file with a JSON list, such as [{ "status": 503, "times": 2 }].'
  )

const faultsOf = (file: string | undefined): ReadonlyArray<Fault> => {
  if (file === undefined) return []
  let faults: unknown
  try {
    faults = parseJson(readTextFile(file, longestFile))
  } catch (error) {
    throw notFaults(error instanceof SyntaxError ? error.message : fileProblem(error))
  }
  if (!Array.isArray(faults)) throw notFaults("it is not a list")
  return faults.map(faultOf)
}

/** `tokenkeep fake`: the fake Deeply API in its own process, until Ctrl-C. */
export const fake = async ({ faults, lifetime, listen }: FakeOptions, signal: AbortSignal): Promise<void> => {
  const script = faultsOf(faults)
  const tokenLifetime = lifetime === undefined ? undefined : lifetime * 1000
  const options = { port: portOf(listen), ...(tokenLifetime !== undefined && { tokenLifetime }) }
  await using server = await startFakeDeeply(options).catch((error: Error) => {
    throw new UsageError(
      error.message.replace(/ Leave .*$/, ""),
      "Pass another port with --listen, or 0 for a free one."
    )
  })
  scripted(() => server.script(script))
  process.stdout.write(`export DEEPLY_HOST=${server.url}\nexport DEEPLY_API_KEY=${server.apiKey}\n`)
  note(`The fake Deeply API listens on ${server.url}. Ctrl-C ends it.`)
  if (!signal.aborted) await once(signal, "abort")
  const { issued, requests } = server.stats
  note(`It received ${counted(requests, "request")} and issued ${counted(issued, "token")}.`)
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`

const scripted = (script: () => void) => {
  try {
    script()
  } catch (error) {
    throw new UsageError((error as Error).message, `${faultsPage()} lists the faults.`)
  }
}
