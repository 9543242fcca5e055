import { spawn } from "node:child_process"
import { main } from "./startCli.ts"

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Runs the command in a real pseudo terminal of its own, by `script` of util-linux.
 *
 * @param keys What is typed as soon as `prompt` is shown.
 * @returns all that the terminal showed, and the exit code.
 */
export const inTerminal = async (
  args: ReadonlyArray<string>,
  { env, home, keys, prompt }: { home: string; env: Record<string, string>; prompt: string; keys: string }
) => {
  const command = [process.execPath, main, ...args].map(quoted).join(" ")
  const child = spawn("script", ["--quiet", "--return", "--echo", "always", "--command", command, "/dev/null"], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, TERM: "xterm", SHELL: "/bin/sh", ...env }
  })
  let shown = ""
  let isTyped = false
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString()
    if (isTyped || !shown.includes(prompt)) return
    isTyped = true
    child.stdin.write(keys)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", resolve)
  })
  return { code, shown }
}
