import { spawnSync } from "node:child_process"

/**
 * A command that starts a program in new namespaces, after a setup. If this user may not create them, the program starts
 * without: what a test then expects is still true, and processes.test.ts tests the same rules with files.
 */
const startedBy = (command: ReadonlyArray<string>, setup = ":"): ReadonlyArray<string> => {
  const prefix = [...command, "sh", "-c", `${setup} && exec setpriv --pdeathsig KILL "$@"`, "sh"]
  return spawnSync(prefix[0] ?? "", [...prefix.slice(1), "true"]).status === 0 ? prefix : []
}

export const inNewNamespaces = (options: ReadonlyArray<string>, setup?: string): ReadonlyArray<string> =>
  startedBy(["unshare", "--fork", ...options], setup)

/** Starts a program in the process id namespace that {@link inNewNamespaces} created with `--pid`. */
export const inNamespaceOf = (pid: number): ReadonlyArray<string> =>
  startedBy(["nsenter", `--pid=/proc/${pid}/ns/pid_for_children`])
