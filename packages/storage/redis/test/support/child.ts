import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The result of a program. The code is `null` if it was killed after a minute. */
export interface Exit {
  readonly code: number | null
  readonly printed: string
  readonly errors: string
}

/** Runs a program in its own process. */
export const runProgram = (
  file: string,
  args: ReadonlyArray<string>,
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}
): Promise<Exit> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@tokenkeep/source", file, ...args],
      { ...options, timeout: 240_000, killSignal: "SIGKILL" },
      (_, printed, errors) => resolve({ code: child.exitCode, printed, errors })
    )
  })

export const runFixture = (fixture: URL, args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv): Promise<Exit> =>
  runProgram(fileURLToPath(fixture), args, env === undefined ? {} : { env })
