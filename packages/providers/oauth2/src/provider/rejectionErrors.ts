import { type Provider, TokenkeepError } from "@tokenkeep/core"

const clientReasons = new Map<string, readonly [why: string, fix: string]>(
  Object.entries({
    invalid_client: [
      "its id is unknown, or its credential is wrong or expired",
      "Check client.id, client.method and the secret or private key in the client's settings at the issuer."
    ],
    unauthorized_client: ["it may not use this grant", "Allow the grant in the client's settings at the issuer."],
    access_denied: [
      "it may not get such a token",
      "Allow the audience, the resource and the scope in the client's settings at the issuer."
    ]
  })
)

const scopeReasons = new Map<string, readonly [what: string, fix: string]>(
  Object.entries({
    invalid_scope: ["the scope", "Correct grant.scope, or allow the scope for the client at the issuer."],
    invalid_target: ["the resource", "Correct resource or audience, or allow it for the client at the issuer."],
    invalid_resource: ["the resource", "Correct resource or audience, or allow it for the client at the issuer."]
  })
)

const undocumented = [
  "but not with an OAuth2 error",
  "Check for a firewall or captive portal that responds in its place; otherwise check the client at the issuer."
] as const

/** The error for a rejected client or scope: it names the client, and who must act. */
export const rejectionErrors =
  (clientId: string): NonNullable<Provider["Service"]["rejectionError"]> =>
  ({ key, reason = "", retryAt, status }) => {
    const pause = `No token request is sent until ${new Date(retryAt).toISOString()}, unless the credential changes.`
    const scope = scopeReasons.get(reason)
    if (scope !== undefined) {
      const [what, fix] = scope
      return TokenkeepError.of(
        { _tag: "ScopeRejected", retryAt },
        {
          what: `The token endpoint rejected ${what} of the client ${clientId} (${reason}, status ${status}).`,
          fix: `${fix} ${pause}`
        }
      )
    }
    // A reason may come from a record in a shared storage: only known words are shown.
    const known = clientReasons.get(reason)
    const [why, fix] = known ?? undocumented
    const which = known === undefined ? "" : `${reason}, `
    return TokenkeepError.of(
      { _tag: "ClientRejected", retryAt },
      {
        what: `The token endpoint rejected the client ${clientId} (${which}status ${status}, ${key}): ${why}.`,
        fix: `${fix} ${pause}`
      }
    )
  }
