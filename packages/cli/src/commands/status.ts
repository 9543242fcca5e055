import { tokenkeepErrorOf } from "@tokenkeep/core"
import { baseUrlOf } from "../clients/baseUrlOf.ts"
import { readStored, type Stored } from "../clients/readStored.ts"
import { storageAddress, storagePlace } from "../clients/storagePlace.ts"
import { currentTime, isoTime } from "../output/clock.ts"
import { duration } from "../output/duration.ts"
import { exitCodes } from "../output/exitCodes.ts"
import { printable, printableJson } from "../output/printable.ts"
import { table } from "../output/table.ts"
import { UsageError } from "../output/UsageError.ts"
import { forCommandLine } from "../profiles/forCommandLine.ts"
import { allProfiles, type Profile, type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { type SecretOrigin, secretOrigin } from "../secrets/secretOrigin.ts"

export const statusFormats = ["table", "json"] as const

export interface StatusOptions extends ProfileChoice {
  readonly format?: (typeof statusFormats)[number]
}

/** What is wrong with a profile. */
interface Problem {
  readonly code: string
  readonly message: string
}

const problemOf = (profile: Profile, error: unknown): Problem => {
  if (error instanceof UsageError) return { code: "USAGE", message: `${error.message} ${error.fix}` }
  const known = tokenkeepErrorOf(error)
  if (known === undefined) throw error
  const { fix, what } = forCommandLine(profile, known)
  return { code: known.code, message: `${what} ${fix}` }
}

const tokenOf = ({ isFound, status: { nextRenewalAt, token } }: Stored) =>
  token === undefined
    ? { state: isFound ? ("unusable" as const) : ("none" as const) }
    : {
        state: "good" as const,
        id: token.id,
        issuedAt: isoTime(token.issuedAt),
        ageSeconds: Math.round(token.age / 1_000),
        expiresAt: token.expiresAt === undefined ? null : isoTime(token.expiresAt),
        lifetimeSource: token.lifetimeSource,
        nextRenewalAt: nextRenewalAt === undefined ? null : isoTime(nextRenewalAt)
      }

const grantOf = ({ status: { grant } }: Stored) =>
  grant === undefined
    ? undefined
    : {
        ...grant,
        since: isoTime(grant.since),
        refreshTokenExpiresAt:
          grant.refreshTokenExpiresAt === undefined ? undefined : isoTime(grant.refreshTokenExpiresAt)
      }

/** A wrong configuration may have a password here. */
const withoutPassword = (text: string): string => {
  if (!URL.canParse(text)) return "a URL that is not valid"
  const url = new URL(text)
  if (url.username === "" && url.password === "") return text
  url.username = ""
  url.password = ""
  return url.href
}

/** Everything about one profile; what cannot be read is absent, and `problem` says why. */
const report = async (profile: Profile) => {
  const { file, name, settings } = profile
  const known = { name, kind: settings.type, configuration: file ?? "the environment" }
  let secret: SecretOrigin | undefined
  let place: { readonly type: string; readonly address: string } | undefined
  let baseUrl: string | undefined
  try {
    baseUrl = withoutPassword(await baseUrlOf(profile))
    const storage = storagePlace(settings.storage)
    place = { type: storage.type, address: storageAddress(storage) }
    secret = await secretOrigin(profile)
    const stored = await readStored(profile)
    const problem = stored.error === undefined ? undefined : problemOf(profile, stored.error)
    return { ...known, baseUrl, secret, storage: place, token: tokenOf(stored), grant: grantOf(stored), problem }
  } catch (error) {
    return {
      ...known,
      baseUrl,
      secret,
      storage: place,
      token: undefined,
      grant: undefined,
      problem: problemOf(profile, error)
    }
  }
}

type Report = Awaited<ReturnType<typeof report>>

const expiryOf = (token: Report["token"], now: number): string => {
  if (token?.state !== "good") return "-"
  return token.expiresAt === null ? "unknown" : `in ${duration(Date.parse(token.expiresAt) - now)}`
}

/** Enough of an id to compare it with a log. */
const shownId = 8

const row = ({ baseUrl, grant, kind, name, secret, storage, token }: Report, now: number): ReadonlyArray<string> => [
  name,
  kind,
  baseUrl ?? "-",
  secret === undefined ? "-" : (secret.from ?? "none"),
  storage === undefined ? "-" : storage.type === "redis" ? storage.address : storage.type,
  token?.state === "good" ? token.id.slice(0, shownId) : (token?.state ?? "-"),
  token?.state === "good" ? duration(token.ageSeconds * 1_000) : "-",
  expiryOf(token, now),
  grant === undefined ? "-" : `${grant.id}: ${grant.state}`
]

const header = ["PROFILE", "KIND", "BASE URL", "SECRET", "STORAGE", "TOKEN", "AGE", "EXPIRES", "GRANT"]

/** Few profiles have a grant: without one, the table fits a narrow terminal. */
const withoutGrant = (rows: ReadonlyArray<ReadonlyArray<string>>) => rows.map((each) => each.slice(0, -1))

/** What is wrong with a profile, in a line. */
const problemsOf = ({ name, problem, secret }: Report): ReadonlyArray<string> => {
  if (problem !== undefined) return [`${name}: ${problem.code}: ${problem.message}`]
  return secret?.problem === undefined ? [] : [`${name}: ${secret.problem}`]
}

const tableOf = (reports: ReadonlyArray<Report>): string => {
  const now = currentTime()
  const lines = reports.flatMap(problemsOf).map((line) => `${printable(line)}\n`)
  const configuration = `The configuration is from ${printable(reports[0]?.configuration ?? "the environment")}.\n`
  const rows = [header, ...reports.map((each) => row(each, now))]
  const shown = reports.some(({ grant }) => grant !== undefined) ? rows : withoutGrant(rows)
  return [table(shown), "\n", configuration, ...lines].join("")
}

/** `tokenkeep status`: what is known about each profile, without a request to an API; the exit code is 1 for a problem. */
export const status = async (options: StatusOptions): Promise<number> => {
  const chosen = options.profile === undefined ? await allProfiles(options) : [await selectProfile(options)]
  const reports = await Promise.all(chosen.map(report))
  const text = options.format === "json" ? `${printableJson({ profiles: reports }, 2)}\n` : tableOf(reports)
  process.stdout.write(text)
  return reports.some((each) => problemsOf(each).length > 0) ? exitCodes.failed : exitCodes.ok
}
