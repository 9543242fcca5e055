import { join } from "node:path"
import { rolldown } from "rolldown"

/** The portable suites with the installed packages that they import, as one file for runtimes without node_modules. */
export const bundleSuites = async (directory: string): Promise<string> => {
  await using build = await rolldown({
    input: join(directory, "suites/portable.js"),
    platform: "browser",
    logLevel: "silent"
  })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  return output[0].code
}
