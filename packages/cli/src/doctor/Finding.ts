import { pageOf } from "../output/pageOf.ts"

/** What a check found. */
export interface Verdict {
  readonly state: "ok" | "warning" | "failed" | "not checked"
  readonly what: string
  readonly fix?: string | undefined
  /** The page that explains it. */
  readonly page?: string | undefined
}

/** A verdict and the name of its check. */
export interface Finding extends Verdict {
  readonly check: string
}

/** A section of the page about this command, as shipped in this package. */
type Section = "versions" | "proxies" | "secret" | "host" | "clock" | "storage" | "redis"

const sectionPage = (section: Section) => pageOf(`@tokenkeep/cli/docs/command-line.md#doctor-${section}`)

export const ok = (what: string): Verdict => ({ state: "ok", what })

export const notChecked = (what: string): Verdict => ({ state: "not checked", what })

export const warning = (section: Section, what: string, fix: string): Verdict => ({
  state: "warning",
  what,
  fix,
  page: sectionPage(section)
})

export const failed = (section: Section, what: string, fix: string): Verdict => ({
  state: "failed",
  what,
  fix,
  page: sectionPage(section)
})
