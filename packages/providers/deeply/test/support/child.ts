import { spawn } from "node:child_process"

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from the last line of output to the end of the process. */
  readonly lingered: number
}

/** Runs a TypeScript program in a process of its own, with that environment and no other. */
export const runProgram = (program: URL, env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
      env: { PATH: process.env["PATH"], ...env },
      timeout: 15_000
    })
    let stdout = ""
    let stderr = ""
    let lastOutput = performance.now()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      lastOutput = performance.now()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      lastOutput = performance.now()
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr, lingered: performance.now() - lastOutput }))
  })
