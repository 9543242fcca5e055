import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

/** How a program ended; one that does not end in a minute has no code. */
export interface Ended {
  readonly code: number | null
  readonly printed: string
  readonly complained: string
}

/** Runs a program in a process of its own. */
export const runProgram = (
  file: string,
  args: ReadonlyArray<string>,
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@tokenkeep/source", file, ...args],
      { ...options, timeout: 60_000, killSignal: "SIGKILL" },
      (_, printed, complained) => resolve({ code: child.exitCode, printed, complained })
    )
  })

export const runFixture = (fixture: URL, args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv): Promise<Ended> =>
  runProgram(fileURLToPath(fixture), args, env === undefined ? {} : { env })
