import { type Findings, findingsOf } from "./findings.ts"
import { deadline, type LoadOptions, runLoad, tokenLifetime } from "./load.ts"
import { recovery } from "./recovery.ts"

/** Strict: a refresh token that is used twice revokes the consent. Grace: for a while, each use gives another one. */
export const servers = ["strict", "grace"] as const

export interface GrantOptions extends LoadOptions {
  readonly server: (typeof servers)[number]
}

const lease = deadline + 2_000
/** How many faults in a row one exchange can have, with a server that has a grace period. */
const faultsInARow = 9

/** The grace period that the decision record asks for: (faults + 1) × (lease + longest freeze). */
const graceOf = ({ freezeMillis, server }: GrantOptions): number =>
  server === "grace" ? (faultsInARow + 1) * (lease + freezeMillis[1]) : 0

/** What a run did, and which promises it found broken. */
export interface GrantResult extends Findings {
  readonly grace: number
}

/** Puts Tokenkeep under load with faults, and checks what became of each refresh token. */
export const runGrants = async (options: GrantOptions): Promise<GrantResult> => {
  const grace = graceOf(options)
  const { user, ...recorded } = await runLoad(options, {
    grace,
    // An interrupted exchange is taken over when the access token has expired.
    settle: lease + tokenLifetime,
    startUser: ({ client, consents, issuer }) => recovery(issuer, client, consents)
  })
  const findings = findingsOf({
    ...recorded,
    isStrict: options.server === "strict",
    hasFaults: options.faults.length > 0,
    grants: options.grants,
    losses: user.losses,
    faultsInARow,
    tokenLifetime
  })
  return { ...findings, grace }
}
