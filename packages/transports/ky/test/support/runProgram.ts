import { spawn } from "node:child_process"

interface FinishedProgram {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a new process whose environment is `env` and the PATH. */
export const runProgram = (program: URL, env: Readonly<Record<string, string>>): Promise<FinishedProgram> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
      env: { PATH: process.env["PATH"], ...env },
      timeout: 240_000
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
