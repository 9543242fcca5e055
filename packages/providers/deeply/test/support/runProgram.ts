import { spawn } from "node:child_process"

interface Finished {
  /** The exit code; `null` if the process did not end by itself. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a TypeScript program in a new process, with only this environment and compiled code; kills it after four minutes. */
export const runProgram = (program: URL, env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
      timeout: 240_000
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
