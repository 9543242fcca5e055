import type { TokenEvent } from "@tokenkeep/core"
import { createOAuth2, type OAuth2Client } from "@tokenkeep/oauth2"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { journaled } from "./journaled.ts"
import type { GrantMemberOptions } from "./Protocol.ts"
import { storageLayer } from "./storageLayer.ts"

/** A client of one grant that records in the journal what it does with the refresh token. */
export const grantClient = (
  options: GrantMemberOptions,
  id: string,
  {
    process,
    ...on
  }: {
    /** Its process, as the journal names it. */
    readonly process: number
    /** Called right before a refresh token is sent. */
    readonly onSend?: () => void
    readonly onTokenEvent?: (event: TokenEvent) => void
  }
): OAuth2Client => {
  const journal = journaled({ file: options.journal, grant: id, process, onSend: on.onSend ?? (() => undefined) })
  return createOAuth2({
    baseUrl: options.api,
    issuer: options.issuer,
    client: { id: "app", secret: options.clientSecret },
    grant: { type: "refresh_token", id, refreshToken: options.grants[id], grace: options.grace },
    encryptionKey: options.encryptionKey,
    storage: journal.storage(storageLayer(options.storageUrl)),
    transport: FetchTransport.layer({ fetch: journal.fetch }),
    // On a machine that is busy with other work, an operation that works can take long.
    storageTimeout: 5_000,
    tokenRequest: { deadline: options.deadline },
    budget: { burst: 10_000, perSecond: 10_000 },
    onTokenEvent: on.onTokenEvent
  })
}
