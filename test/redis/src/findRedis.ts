import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The path of a Valkey or Redis server: `REDIS_SERVER` if it is set, else one on the PATH. */
export const findRedis = (): string | undefined => {
  const named = process.env["REDIS_SERVER"] ?? ""
  if (named !== "") return named
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
  return ["valkey-server", "redis-server"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => isExecutable(file))
}
