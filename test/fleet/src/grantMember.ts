// A process that shares refresh tokens, with a client for each.
import { argv } from "node:process"
import { grantClient } from "./grantClient.ts"
import type { GrantMemberOptions, MemberIdentity } from "./Protocol.ts"
import { runMember, send } from "./runMember.ts"

const options = JSON.parse(argv[2] ?? "{}") as GrantMemberOptions & MemberIdentity

const clients = Object.keys(options.grants).map((name) => ({
  name,
  keep: grantClient(options, name, {
    process: options.id,
    onSend: () => send({ type: "sending" }),
    onTokenEvent: (event) => send({ type: "event", event, client: name })
  })
}))
runMember(clients, "/orders", options)
