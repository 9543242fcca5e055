import { UsageError } from "../output/UsageError.ts"
import type { ProfileSettings } from "./Config.ts"
import { readConfig } from "./readConfig.ts"

/** One connection: an API, its credential, and where its token is stored. */
export interface Profile {
  readonly name: string
  readonly settings: ProfileSettings
  /** The file that it is from; absent if the environment describes it. */
  readonly file?: string
}

/** How a profile is chosen: the options that every command has. */
export interface ProfileChoice {
  readonly profile?: string | undefined
  readonly config?: string | undefined
}

/** Without a file, `DEEPLY_API_KEY`, `DEEPLY_HOST` and `REDIS_URL` describe the one profile. */
const fromEnvironment: Profile = { name: "default", settings: { type: "deeply" } }

/** All profiles, and the name of the one that is used if none is chosen. */
export const profiles = async ({
  config: named
}: ProfileChoice): Promise<{
  readonly all: ReadonlyArray<Profile>
  readonly preferred: string | undefined
}> => {
  const found = await readConfig(named)
  if (found === undefined) return { all: [fromEnvironment], preferred: fromEnvironment.name }
  const all = Object.entries(found.config.profiles).map(([name, settings]) => ({ name, settings, file: found.file }))
  return { all, preferred: found.config.default ?? (all.length === 1 ? all[0]?.name : undefined) }
}

/** The profile that `--profile` or `TOKENKEEP_PROFILE` names, else the one that the file prefers. */
export const selectProfile = async (choice: ProfileChoice): Promise<Profile> => {
  const { all, preferred } = await profiles(choice)
  const name = choice.profile ?? (process.env["TOKENKEEP_PROFILE"] || preferred)
  const selected = all.find((profile) => profile.name === name)
  if (selected !== undefined) return selected
  const names = all.map((profile) => profile.name).join(", ")
  if (all.length === 0) throw new UsageError("The configuration has no profiles.", 'Add one to "profiles".')
  if (name === undefined) throw new UsageError("No profile is chosen.", `Pass --profile with one of: ${names}.`)
  throw new UsageError(`There is no profile ${name}.${await suggestion(name, all)}`, `The profiles are: ${names}.`)
}

const suggestion = async (name: string, all: ReadonlyArray<Profile>): Promise<string> => {
  const { nearestName } = await import("./nearestName.ts")
  const nearest = nearestName(
    name,
    all.map((profile) => profile.name)
  )
  return nearest === undefined ? "" : ` Did you mean ${nearest}?`
}
