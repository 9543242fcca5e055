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

/** The message does not repeat the name: it might be a password that was passed with -p. */
const notFound = async (source: string, name: string, all: ReadonlyArray<Profile>): Promise<UsageError> =>
  new UsageError(
    `${source} names a profile that does not exist.${await suggestion(name, all)}`,
    all[0]?.file === undefined
      ? "Without a configuration file there is one profile, default. Write a file, or pass it with --config."
      : `The profiles are: ${namesOf(all)}.`
  )

const namesOf = (all: ReadonlyArray<Profile>): string => all.map((profile) => profile.name).join(", ")

const defaultOf = (all: ReadonlyArray<Profile>): string => `"default" in ${all[0]?.file}`

/** All profiles. Throws a usage error if the default of the file is none of them. */
export const allProfiles = async (choice: ProfileChoice): Promise<ReadonlyArray<Profile>> => {
  const { all, preferred } = await profiles(choice)
  if (preferred === undefined || all.some(({ name }) => name === preferred)) return all
  throw await notFound(defaultOf(all), preferred, all)
}

let chosen: Profile | undefined

/** The profile of this command, once it is known: messages name it. */
export const chosenProfile = (): Profile | undefined => chosen

/** The profile that `--profile` or `TOKENKEEP_PROFILE` names, else the one that the file prefers. */
export const selectProfile = async (choice: ProfileChoice): Promise<Profile> => {
  const { all, preferred } = await profiles(choice)
  const variable = process.env["TOKENKEEP_PROFILE"] || undefined
  const name = choice.profile ?? variable ?? preferred
  const selected = all.find((profile) => profile.name === name)
  if (selected !== undefined) {
    chosen = selected
    return selected
  }
  if (name === undefined) throw new UsageError("No profile is chosen.", `Pass --profile with one of: ${namesOf(all)}.`)
  const source =
    choice.profile !== undefined ? "--profile" : variable !== undefined ? "TOKENKEEP_PROFILE" : defaultOf(all)
  throw await notFound(source, name, all)
}

const suggestion = async (name: string, all: ReadonlyArray<Profile>): Promise<string> => {
  const { nearestName } = await import("./nearestName.ts")
  const nearest = nearestName(
    name,
    all.map((profile) => profile.name)
  )
  return nearest === undefined ? "" : ` Did you mean ${nearest}?`
}
