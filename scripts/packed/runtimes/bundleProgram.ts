import { join } from "node:path"
import { rolldown } from "rolldown"

/** A program with the installed packages that it imports, as one file for runtimes without node_modules. */
export const bundleProgram = async (directory: string, program: string): Promise<string> => {
  await using build = await rolldown({
    input: join(directory, program),
    platform: "browser",
    // Modules of workerd itself.
    external: /^cloudflare:/,
    logLevel: "silent"
  })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  return output[0].code
}
