import { badgateway } from "./badgateway.ts"
import { openidClient, openidClientWithLock } from "./openidClient.ts"
import { simpleOAuth2 } from "./simpleOAuth2.ts"

/** The rivals by their names on the command line. */
export const rivals = {
  "simple-oauth2": simpleOAuth2,
  "oauth2-client": badgateway,
  "openid-client": openidClient,
  "openid-client-lock": openidClientWithLock
} as const

export type RivalName = keyof typeof rivals
