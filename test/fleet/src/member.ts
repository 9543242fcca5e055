// A process that shares a Deeply API key.
import { createDeeply } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { readFileSync } from "node:fs"
import { argv } from "node:process"
import { crashAt } from "./crashAt.ts"
import type { MemberIdentity, MemberOptions } from "./Protocol.ts"
import { runMember, send } from "./runMember.ts"
import { storageLayer } from "./storageLayer.ts"

const options = JSON.parse(argv[2] ?? "{}") as MemberOptions & MemberIdentity
const crashing = crashAt(options.crashAt)

const { apiKey, apiKeyFile } = options

const keep = createDeeply({
  apiKey: apiKeyFile === undefined ? apiKey : () => readFileSync(apiKeyFile, "utf8"),
  host: options.host,
  storage: crashing.storage(storageLayer(options.storageUrl)),
  transport: FetchTransport.layer({ fetch: crashing.fetch }),
  tokenRequest: { deadline: options.deadline },
  budget: { burst: 10_000, perSecond: 10_000 },
  onTokenEvent: (event) => send({ type: "event", event })
})
runMember([{ keep }], "/api/v1/mics?size=1", options)
