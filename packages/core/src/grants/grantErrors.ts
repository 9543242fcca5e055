import { instant } from "../errors/rateLimitError.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { unavailable } from "../token-request/tokenRequestErrors.ts"
import type { GrantRecord } from "./grantRecord.ts"

const consentAgain = "Ask the user to consent again, and pass the new refresh token to replaceGrant."

export const grantMissing = (id: string) =>
  TokenkeepError.of(
    { _tag: "GrantMissing" },
    {
      what: `There is no refresh token for the grant "${id}": neither in the storage nor in the options.`,
      fix: "Pass one as grant.refreshToken, or to replaceGrant."
    }
  )

/** The error for a grant that has ended, as its record says. */
export const grantOver = (id: string, { at, interrupted, owner, state }: GrantRecord) => {
  if (state === "rejected" || interrupted === undefined) {
    return TokenkeepError.of(
      { _tag: "GrantRejected", at },
      {
        what: `The token endpoint rejected the refresh token of the grant "${id}" at ${instant(at)}: it expired, it was used elsewhere, or the consent was withdrawn.`,
        fix: consentAgain
      }
    )
  }
  return TokenkeepError.of(
    { _tag: "GrantLost", at: interrupted.at, owner: interrupted.owner },
    {
      what: `The token endpoint rejected the refresh token of the grant "${id}" at ${instant(at)} (Tokenkeep client ${owner}). Before that, an exchange was interrupted (Tokenkeep client ${interrupted.owner}, ${instant(interrupted.at)}), so a newer refresh token may have been lost.`,
      fix: consentAgain
    }
  )
}

/** The exchange is repeated only when the current access token has expired. */
export const exchangePutOff = (id: string) =>
  unavailable(
    `The last exchange of the refresh token of the grant "${id}" was interrupted, and the server may not accept it again.`,
    "Nothing has to be done: it is sent again when the current access token has expired."
  )

/** A record that cannot be read is an error: as "there is none" it would put a used refresh token back. */
export const grantUnreadable = (id: string, isSealed: boolean) =>
  TokenkeepError.of(
    { _tag: "StorageFailed", operation: "load" },
    {
      retryable: false,
      ...(isSealed
        ? {
            what: `The record of the grant "${id}" cannot be decrypted: it was encrypted with another key, or copied from another name.`,
            fix: "Add the key that it was encrypted with to encryptionKey. If it is damaged, remove it, and call replaceGrant."
          }
        : {
            what: `The record of the grant "${id}" is damaged, or a later version of Tokenkeep wrote it.`,
            fix: "Install the version that wrote it, or pass the refresh token of a new consent to replaceGrant. Do not restore an older copy: its refresh token was used."
          })
    }
  )
