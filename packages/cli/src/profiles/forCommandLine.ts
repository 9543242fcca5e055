import type { TokenkeepError } from "@tokenkeep/core"
import type { Profile } from "./Profile.ts"

/** What the library's advice for programs means on the command line. */
const wordings = ({ name }: Profile): ReadonlyArray<readonly [library: RegExp, commandLine: string]> => {
  const login = `run tokenkeep login --profile ${name}`
  return [
    [/edge\("[^)]*\), or the string ("edge:[^"]*")/, "$1"],
    [/allowInsecureHttp: true(?: in the provider)?/, '"allowInsecureHttp": true in the profile'],
    [/Pass one as grant\.refreshToken, or to replaceGrant/, `To pass one, ${login}`],
    [/pass the (?:new )?refresh token(?: of a new consent)? to replaceGrant/, `${login} with the new refresh token`],
    [/call replaceGrant/, login],
    [/to encryptionKey/, "to TOKENKEEP_ENCRYPTION_KEY"],
    [/pass a key/, "set TOKENKEEP_ENCRYPTION_KEY to the output of `openssl rand -base64 32`"],
    [/Use FileStorage or RedisStorage.*/, 'Use a storage of type "file" or "redis".'],
    [/Pass an absolute path as the option directory/, "Set storage.directory of a profile to an absolute path"],
    [/, or raise the option maxWait/, ""],
    [/ The option \w+ sets the limit\./, ""],
    [/plain fetch/, "another program"],
    [/a JWK, a CryptoKey, or a PEM string/, "a JWK or a PEM"],
    [/Pass it as client\.secret, or pass/, "Name it in client.secret, or use"],
    [/^Pass one as (client\.\w+)/, "Write the variable or the file that $1 of the profile names"],
    [/^Pass (?=one of|a |an |the )/, "Set "]
  ]
}

/** The variables of a profile that the environment describes. */
const variables: Readonly<Record<string, string>> = {
  host: "DEEPLY_HOST",
  apiKey: "DEEPLY_API_KEY",
  url: "REDIS_URL",
  encryptionKey: "TOKENKEEP_ENCRYPTION_KEY"
}

/** The library names its options. Where the value of one is from is known here. */
const inPlace = ({ file }: Profile, what: string): string =>
  what.replace(
    /The option (\w+)(?:, from \w+,)?/,
    (_, option: string) => (file === undefined && variables[option]) || option
  )

/** What an error says, and what to do about it. */
export interface Advice {
  readonly what: string
  readonly fix: string
}

/** An error of a profile's client in the terms of the command line, with the file and the profile of a wrong value. */
export const forCommandLine = (profile: Profile | undefined, { fix, message, reason }: TokenkeepError): Advice => {
  const what = message.slice(0, message.length - fix.length).trimEnd()
  if (profile === undefined) return { what, fix }
  const start = profile.file === undefined ? "" : `In ${profile.file}, profile ${profile.name}: `
  const isOfProfile = reason._tag === "ConfigInvalid" && what.startsWith("The option ")
  return {
    what: isOfProfile ? start + inPlace(profile, what) : what,
    fix: wordings(profile).reduce((text, [library, commandLine]) => text.replace(library, commandLine), fix)
  }
}
