import { spawn } from "node:child_process"

interface FinishedProgram {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a new process whose environment is `env`, the PATH and the folder of compiled code. */
export const runProgram = (program: URL, env: Readonly<Record<string, string>>): Promise<FinishedProgram> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
      timeout: 240_000
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
