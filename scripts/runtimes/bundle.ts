import { join } from "node:path"
import { rolldown } from "rolldown"

/** One file of a program and of all that it imports, from the installed packages, for what has no modules of Node. */
export const bundle = async (directory: string, entry: string): Promise<string> => {
  await using build = await rolldown({ input: join(directory, entry), platform: "browser", logLevel: "silent" })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  return output[0].code
}
