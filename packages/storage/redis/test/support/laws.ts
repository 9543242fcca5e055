import { type StorageBench, storageSubject, type Subject } from "@tokenkeep/conformance"
import { testLaws } from "@tokenkeep/conformance/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { RedisServer } from "redis-servers"
import { describe } from "vitest"
import type { Kind } from "./clients.ts"

/** What the laws are tested on. */
interface Stand<Server> {
  readonly kind: Kind<Server>
  readonly server: () => Server
  /** The servers of it that keep data. */
  readonly keepers: (server: Server) => ReadonlyArray<RedisServer>
  readonly breaks?: (server: Server) => Effect.Effect<void, unknown, Scope.Scope>
}

const keysWith = (prefix: string, servers: ReadonlyArray<RedisServer>) =>
  Effect.promise(async () => {
    const found = await Promise.all(servers.map((server) => server.command("KEYS", `{${prefix}*`)))
    return found.flatMap((keys) => keys as ReadonlyArray<string>)
  })

let places = 0

const subjectOf = <Server>({ breaks, keepers, kind, server }: Stand<Server>): Subject<StorageBench> =>
  storageSubject({
    title: `RedisStorage through ${kind.title}`,
    capabilities: { durable: true, shared: true, exclusive: true, watch: true },
    // Each law has a prefix of its own, so that many can be tested at once.
    place: Effect.sync(() => `law-${(places += 1)}:`),
    open: (prefix) => kind.layer(server(), { prefix }),
    contents: (prefix) => Effect.suspend(() => keysWith(prefix, keepers(server()))),
    break: breaks && (() => Effect.suspend(() => breaks(server())))
  })

/** Tests a kind of client by the laws of storages. Those that break what all stand on come last, one by one. */
export const testStorage = <Server>(stand: Stand<Server>): void => {
  const subject = subjectOf(stand)
  const isGentle = ({ needs }: { readonly needs: ReadonlyArray<string> }): boolean => !needs.includes("break")
  describe.concurrent("at once", () => {
    testLaws({ ...subject, laws: subject.laws.filter(isGentle) })
  })
  if (stand.breaks) testLaws({ ...subject, laws: subject.laws.filter((law) => !isGentle(law)) })
}
