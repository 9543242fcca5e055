// A process of the race. It creates clients by name, uses them, and answers each message with one.
import { settledHeap } from "../memory.ts"
import { load } from "./entries.ts"
import { path, type Rival, type RivalOptions } from "./Rival.ts"

export type MemberRequest =
  | { readonly type: "create"; readonly name: string; readonly options: RivalOptions }
  | { readonly type: "send"; readonly callers: number }
  | { readonly type: "memory"; readonly name: string; readonly options: RivalOptions; readonly clients: number }

/** The requests that failed, or the bytes of heap for each client. */
export interface MemberAnswer {
  readonly failures: number
  readonly bytes: number
}

let rival: Rival | undefined
const kept: Array<Rival> = []

const isOk = async (send: Rival["send"]): Promise<boolean> =>
  send(path).then(
    (status) => status < 400,
    () => false
  )

const createUsed = async (name: string, options: RivalOptions, clients: number): Promise<void> => {
  const create = await load(name)
  for (let index = 0; index < clients; index += 1) {
    const client = await create({ ...options, key: `${options.key}-${index}` })
    if (!(await isOk(client.send))) throw new Error(`A request of ${name} failed.`)
    kept.push(client)
  }
}

const handle = async (request: MemberRequest): Promise<MemberAnswer> => {
  if (request.type === "create") {
    await rival?.close?.()
    rival = await (await load(request.name))(request.options)
  }
  if (request.type === "send" && rival !== undefined) {
    const { send } = rival
    const results = await Promise.all(Array.from({ length: request.callers }, () => isOk(send)))
    return { failures: results.filter((result) => !result).length, bytes: 0 }
  }
  if (request.type === "memory") {
    // The first clients compile code and fill caches of the platform, so they do not count.
    await createUsed(request.name, { ...request.options, key: "warm" }, 20)
    const before = await settledHeap()
    await createUsed(request.name, request.options, request.clients)
    return { failures: 0, bytes: Math.round(((await settledHeap()) - before) / request.clients) }
  }
  return { failures: 0, bytes: 0 }
}

process.on("message", async (request: MemberRequest) => process.send?.(await handle(request)))
process.once("disconnect", () => process.exit(0))
process.send?.("ready")
