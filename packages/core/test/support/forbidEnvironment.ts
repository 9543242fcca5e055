import { vi } from "@effect/vitest"

const refuse = (): never => {
  throw new Error("NotCapable: Requires env access")
}

/** Like Deno without `--allow-env`: every read throws. Undone by `vi.unstubAllGlobals`. */
export const forbidEnvironment = () => vi.stubGlobal("process", { env: new Proxy({}, { get: refuse }) })
