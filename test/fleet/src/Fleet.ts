import type { TokenEvent } from "@tokenkeep/core"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, parse } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath, pathToFileURL } from "node:url"
import { bundlePrograms } from "test-programs"
import type {
  Command,
  Failure,
  GrantMemberOptions,
  MemberIdentity,
  MemberMessage,
  MemberOptions,
  Progress
} from "./Protocol.ts"

const sources = {
  member: fileURLToPath(new URL("./member.ts", import.meta.url)),
  grantMember: fileURLToPath(new URL("./grantMember.ts", import.meta.url))
}

const isRunning = (pid: string): boolean => {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

const bundles = new Map<string, Promise<string>>()

const bundle = async (source: string): Promise<string> => {
  // In the package of the program, which finds its dependencies there.
  const programs = join(dirname(findPackageJSON(pathToFileURL(source)) ?? source), ".programs")
  mkdirSync(programs, { recursive: true })
  // Not on exit: test runners end their processes with a signal.
  for (const pid of readdirSync(programs)) {
    if (!isRunning(pid)) rmSync(join(programs, pid), { recursive: true, force: true })
  }
  const { name } = parse(source)
  // A folder for each parent, so that one does not rewrite what another one reads.
  const folder = join(programs, String(process.pid), name)
  await bundlePrograms({ [name]: source }, folder)
  return join(folder, `${name}.mjs`)
}

/** The bundled program of this source. */
const bundled = (source: string): Promise<string> => {
  const found = bundles.get(source) ?? bundle(source)
  bundles.set(source, found)
  return found
}

const running = new Set<ChildProcess>()
// A frozen process does not notice that its parent has ended.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")))

/** One process of a fleet, as its parent sees it. */
export class Member {
  readonly id: number
  readonly process: ChildProcess
  requests = 0
  failed = 0
  /** The longest wait for a response, without the time that the process was frozen. */
  longestWaitMillis = 0
  /** Whether this process owns the lease, or waits for its owner. */
  lease: Progress["lease"] = "none"
  status: Progress["status"]
  freezes = 0
  isFrozen = false
  /** Whether its parent kills or stops it. */
  isEnding = false

  constructor(id: number, child: ChildProcess) {
    this.id = id
    this.process = child
  }

  send(command: Command): void {
    if (this.process.connected) this.process.send(command)
  }

  /** Waits for a message of this type, or for the end of the process. */
  async received(type: MemberMessage["type"]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const onMessage = (message: MemberMessage) => (message.type === type ? resolve() : undefined)
    const onExit = () => resolve()
    this.process.on("message", onMessage).on("exit", onExit)
    await promise
    this.process.off("message", onMessage).off("exit", onExit)
  }

  async kill(): Promise<void> {
    this.isEnding = true
    const exited = once(this.process, "exit")
    this.process.kill("SIGKILL")
    await exited
  }

  async freeze(millis: number): Promise<void> {
    this.freezes += 1
    this.isFrozen = true
    this.process.kill("SIGSTOP")
    await sleep(millis)
    this.process.kill("SIGCONT")
    this.isFrozen = false
  }

  /** Lets requests in flight complete, then ends the process. */
  async stop(): Promise<void> {
    this.isEnding = true
    const exited = once(this.process, "exit")
    const stopped = this.received("stopped")
    this.send("stop")
    await stopped
    if (this.process.connected) this.process.disconnect()
    await exited
  }
}

/** Real processes that share one token, or several grants, on one storage. They can be killed and frozen. */
export const startFleet = async (
  size: number,
  options: MemberOptions | GrantMemberOptions,
  onTokenEvent: (event: TokenEvent, member: Member, client: string | undefined) => void = () => undefined,
  /** Called right before a process sends a refresh token. */
  onSending: (member: Member) => void = () => undefined,
  /** The path of the program that each process runs. */
  source = "grants" in options ? sources.grantMember : sources.member
) => {
  const program = await bundled(source)
  const folder = mkdtempSync(join(tmpdir(), "tokenkeep-fleet-"))
  const failureLog = join(folder, "failures.ndjson")
  writeFileSync(failureLog, "")
  /** All processes that were ever part of the fleet. */
  const all: Array<Member> = []
  const members = new Set<Member>()
  const crashes: Array<string> = []

  const add = async (own: Partial<MemberOptions> = {}): Promise<Member> => {
    const identity: MemberIdentity = { id: all.length + 1, failureLog }
    const child = fork(program, [JSON.stringify({ ...options, ...own, ...identity })], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"]
    })
    const member = new Member(identity.id, child)
    all.push(member)
    running.add(child)
    child.on("message", (message: MemberMessage) => {
      if (message.type === "event") onTokenEvent(message.event, member, message.client)
      if (message.type === "sending") onSending(member)
      if (message.type !== "progress") return
      member.requests = message.requests
      member.failed = message.failed
      member.longestWaitMillis = message.longestWaitMillis
      member.lease = message.lease
      member.status = message.status
    })
    child.once("exit", (code, signal) => {
      members.delete(member)
      running.delete(child)
      if (!member.isEnding) crashes.push(`process ${member.id} ended with ${signal ?? code}`)
    })
    await member.received("ready")
    if (!child.connected) throw new Error(`Process ${member.id} ended while it started.`)
    members.add(member)
    return member
  }

  await Promise.all(Array.from({ length: size }, () => add()))

  return {
    members,
    all,
    /** Processes that ended on their own. */
    crashes,
    add,
    /** Each caller of each process sends one request. */
    round: async (participants: ReadonlySet<Member> = members): Promise<void> => {
      const done = [...participants].map((member) => member.received("round-done"))
      for (const member of participants) member.send("round")
      await Promise.all(done)
    },
    /** How many requests have completed, also of processes that ended. */
    requests: (): number => all.reduce((sum, { requests }) => sum + requests, 0),
    /** Every request that has failed so far, also those of processes that were killed since. */
    failures: (): ReadonlyArray<Failure> =>
      readFileSync(failureLog, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Failure),
    stop: async (): Promise<void> => {
      await Promise.all([...members].map((member) => member.stop()))
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await Promise.all([...members].map((member) => member.kill()))
      rmSync(folder, { recursive: true })
    }
  }
}

export type Fleet = Awaited<ReturnType<typeof startFleet>>
