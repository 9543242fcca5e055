import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Commands, Reply } from "./commands.ts"

const program = new URL("./worker.main.ts", import.meta.url).pathname

export interface WorkerOptions {
  readonly directory: string
  /** Octal, as in `0777`. */
  readonly umask?: string
  /** The user that the worker switches to. Needs root. */
  readonly uid?: number
  /** A command, with its arguments, that starts the worker. */
  readonly prefix?: ReadonlyArray<string>
}

export interface Worker extends AsyncDisposable {
  readonly pid: number
  readonly run: <C extends keyof Commands>(
    command: C,
    input: Parameters<Commands[C]>[0]
  ) => Promise<Awaited<ReturnType<Commands[C]>>>
  /** Sends a signal. After SIGKILL it waits until the process has ended. */
  readonly signal: (name: "SIGKILL" | "SIGSTOP" | "SIGCONT") => Promise<void>
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const end = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return
  const ended = once(child, "exit")
  child.kill("SIGKILL")
  await ended
}

/** Starts a process that uses a file storage, and waits until it accepts commands. */
export const startWorker = async ({ directory, umask = "22", uid, prefix = [] }: WorkerOptions): Promise<Worker> => {
  const [command = "", ...args] = [
    ...prefix,
    process.execPath,
    "--conditions=@tokenkeep/source",
    program,
    directory,
    umask,
    ...(uid === undefined ? [] : [`${uid}`])
  ]
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  const pending = new Map<number, (reply: Reply) => void>()
  child.on("message", (reply: Reply) => pending.get(reply.id)?.(reply))
  let last = 0
  await new Promise((resolve, reject) => {
    pending.set(0, resolve)
    child.once("error", reject).once("exit", (code) => reject(new Error(`the worker ended with ${code}`)))
  })
  return {
    pid: child.pid ?? 0,
    run: (name, input) =>
      new Promise((resolve, reject) => {
        last += 1
        pending.set(last, ({ error, output }) =>
          error === undefined ? resolve(output as Awaited<ReturnType<Commands[typeof name]>>) : reject(error)
        )
        child.send({ id: last, command: name, input })
      }),
    signal: async (name) => {
      if (name === "SIGKILL") return end(child)
      child.kill(name)
    },
    [Symbol.asyncDispose]: () => end(child)
  }
}

export const startWorkers = (count: number, options: WorkerOptions): Promise<ReadonlyArray<Worker>> =>
  Promise.all(Array.from({ length: count }, () => startWorker(options)))

/** Starts a process whose parent never reads its exit status, so that it becomes a zombie when it is killed. */
export const startZombie = async () => {
  const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "inherit"] })
  const [output] = (await once(parent.stdout, "data")) as [Buffer]
  const pid = Number(output.toString())
  const state = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0]
  const kill = async () => {
    process.kill(pid, "SIGKILL")
    while (state() !== "Z") await sleep(5)
  }
  const dispose = async () => {
    await end(parent)
    if (existsSync(`/proc/${pid}`)) process.kill(pid, "SIGKILL")
  }
  return { pid, kill, [Symbol.asyncDispose]: dispose }
}
