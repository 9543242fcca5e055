// A process that shares refresh tokens through a rival, with a client for each.
import type { GrantMemberOptions } from "fleet"
import { runMember, send } from "fleet/runMember"
import { subscribe } from "node:diagnostics_channel"
import { argv } from "node:process"
import { type RivalName, rivals } from "./rivals.ts"
import { sharedTokens } from "./SharedTokens.ts"

const options = JSON.parse(argv[2] ?? "{}") as GrantMemberOptions &
  Parameters<typeof runMember>[2] & { readonly rival: RivalName }

// Whatever sends it: half of the faults hit a process that sends a refresh token.
const onRequest = (message: unknown): void => {
  if ((message as { readonly request: { readonly path: string } }).request.path === "/token") send({ type: "sending" })
}
subscribe("undici:request:create", onRequest)
subscribe("http.client.request.start", onRequest)
// A library reports each refused refresh token there.
console.warn = () => undefined

const tokens = sharedTokens(options.storageUrl)
const clients = Object.keys(options.grants).map((grant) => {
  const fetchOf = rivals[options.rival]({
    grant,
    issuer: options.issuer,
    clientId: "app",
    clientSecret: options.clientSecret,
    tokens
  })
  const fetch = (path: unknown) => fetchOf(new URL(String(path), options.api).href)
  return { name: grant, keep: { fetch, dispose: async () => tokens.close() } }
})
runMember(clients, "/orders", options)
