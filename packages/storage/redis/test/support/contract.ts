import { storageContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { RedisServer } from "redis-servers"
import { describe } from "vitest"
import type { Kind } from "./clients.ts"

/** What a kind of client is tested on. */
interface Setup<Server> {
  readonly kind: Kind<Server>
  readonly server: () => Server
  /** The servers of it that keep data. */
  readonly dataServers: (server: Server) => ReadonlyArray<RedisServer>
  readonly disable?: (server: Server) => Effect.Effect<void, unknown, Scope.Scope>
}

const keysWith = (prefix: string, servers: ReadonlyArray<RedisServer>) =>
  Effect.promise(async () => {
    const found = await Promise.all(servers.map((server) => server.command("KEYS", `{${prefix}*`)))
    return found.flatMap((keys) => keys as ReadonlyArray<string>)
  })

/** Cuts the values off. */
const damageExclusive = async (prefix: string, servers: ReadonlyArray<RedisServer>) => {
  for (const server of servers) {
    for (const key of (await server.command("KEYS", `{${prefix}*:exclusive`)) as ReadonlyArray<string>) {
      const value = String(await server.command("GET", key))
      await server.command("SET", key, value.slice(0, -1))
    }
  }
}

let locations = 0

/** Runs the contract tests through a kind of client, concurrently, except those that stop the server. */
export const testStorageContract = <Server>({ disable, dataServers, kind, server }: Setup<Server>): void => {
  const contract = storageContract({
    name: `RedisStorage through ${kind.title}`,
    capabilities: { durable: true, shared: true, acquireLease: true, watch: true, exclusive: true },
    // Each test has its own prefix, so that many can run at once.
    makeLocation: Effect.sync(() => `contract-${(locations += 1)}:`),
    open: (prefix) => kind.layer(server(), { prefix }),
    contents: (prefix) => Effect.suspend(() => keysWith(prefix, dataServers(server()))),
    damage: (prefix) => Effect.promise(() => damageExclusive(prefix, dataServers(server()))),
    disable: disable && (() => Effect.suspend(() => disable(server())))
  })
  const stopping = contract.tests.filter(({ requires }) => requires.includes("disable"))
  describe.concurrent("at once", () => {
    testContract({ ...contract, tests: contract.tests.filter((test) => !stopping.includes(test)) })
  })
  if (disable) testContract({ ...contract, tests: stopping })
}
