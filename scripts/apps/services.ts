import { globSync, statSync } from "node:fs"
import { join } from "node:path"
import type { Cases } from "../cases.ts"
import { holds, holdsNot, is } from "./checks.ts"
import { startCollector } from "./collector.ts"
import { reaching, type Stage } from "./Stage.ts"

export const effectService = (stage: Stage): Cases => {
  const app = () => stage.app("effect-service")
  const endsInOrder = async (): Promise<void> => {
    await using server = await stage.server()
    await using collector = await startCollector()
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    server.script([{ on: "/api/v1/events", before: () => (ask(), gate) }])
    const service = await app().listens({ ...reaching(server), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const answer = service.get("/loudest")
    await asked
    service.program.signal("SIGTERM")
    await service.refuses()
    open()
    holds(await answer, "event-7: Female scream")
    const { stdout } = await service.program.ended()
    holds(stdout, "stopped")
    const sent = collector.received()
    holds(sent, '"effect-service"', '"tokenkeep.renew"', '"tokenkeep_issue_calls"', '"http.route"')
    holdsNot(sent + stdout, server.apiKey, "dt_")
    is("the number of issue calls and leaks", [server.stats.issueCalls, server.stats.apiKeyLeaks], [1, 0])
  }
  const refused = async (): Promise<void> => {
    await using server = await stage.server()
    server.revokeKey()
    const service = await app().listens(reaching(server))
    is("the answer", await service.get("/loudest"), '{"error":"API_KEY_REJECTED"}')
    const { stderr, stdout } = await service.stop()
    holds(stdout, "API_KEY_REJECTED: ")
    holdsNot(stdout + stderr, server.apiKey)
  }
  const insecure = async (): Promise<void> => {
    const { stderr, stdout } = await app()
      .start({ DEEPLY_API_KEY: "sk-live-1", DEEPLY_HOST: "http://192.0.2.7" })
      .ended(1)
    holds(stdout + stderr, "http://192.0.2.7 is plain http")
  }
  return {
    "effect-service does what its README says": () => app().keepsItsReadme(),
    "effect-service answers what is under way after SIGTERM, exports its telemetry, and ends with 0": endsInOrder,
    "effect-service answers 502 with the code when the key is refused": refused,
    "effect-service does not start with a host that is plain http": insecure
  }
}

/** A permission for several things with each one left out, or nothing where it was for one. */
const withOneLess = (arg: string): ReadonlyArray<ReadonlyArray<string>> => {
  if (!arg.startsWith("--allow-")) return []
  const [flag, list = ""] = arg.split("=")
  const things = list.split(",")
  if (things.length === 1) return [[]]
  return things.map((_, index) => [`${flag}=${things.toSpliced(index, 1).join(",")}`])
}

export const denoEdge = (stage: Stage): Cases => {
  const app = () => stage.app("deno-edge")
  const edges = async (): Promise<void> => {
    await using server = await stage.server()
    const service = await app().listens({ ...reaching(server), DEEPLY_HOST: server.url.replace("http://", "edge:") })
    is("its health", await service.get("/health"), '{"host":"edge","token":"empty"}')
    holds(await service.get("/mics"), "Rooftop: inactive")
    server.expireTokens()
    holds(await service.get("/mics"), "Rooftop: inactive")
    server.revokeTokens()
    server.revokeKey()
    is("its answer without a key", await service.get("/mics"), '{"error":"API_KEY_REJECTED"}')
    const { stderr } = await service.stop()
    holds(stderr, "API_KEY_REJECTED: ")
    is("the number of lines on standard error", stderr.trimEnd().split("\n").length, 1)
    is("issued and leaks", [server.stats.issued, server.stats.apiKeyLeaks], [2, 0])
  }
  const needsAll = async (): Promise<void> => {
    await using server = await stage.server()
    const env = { ...reaching(server), PORT: "0" }
    const { args } = app()
    for (const [index, arg] of args.entries()) {
      for (const lesser of withOneLess(arg)) {
        const { stderr } = await app()
          .start(env, args.toSpliced(index, 1, ...lesser))
          .ended(1)
        holds(stderr, arg.split("=")[0] ?? "")
      }
    }
  }
  return {
    "deno-edge does what its README says, with the permissions that it lists": () => app().keepsItsReadme(),
    "deno-edge reaches an edge server of its environment": edges,
    "deno-edge needs each of these permissions, and is told which one is missing": needsAll
  }
}

export const bunService = (stage: Stage): Cases => {
  const app = () => stage.app("bun-service")
  const keepsItsToken = async (): Promise<void> => {
    await using server = await stage.server()
    const directory = join(stage.directory, "tokens")
    const env = { ...reaching(server), TOKEN_DIRECTORY: directory, TOKEN_ENCRYPTION_KEY: "k".repeat(32) }
    const services = await Promise.all([app().listens(env), app().listens(env)])
    for (const service of services) holds(await service.get("/events/glass_break"), '"total":4')
    for (const service of services) await service.stop()
    const again = await app().listens(env)
    holds(await again.get("/events/glass_break"), '"total":4')
    await again.stop()
    is("the number of issue calls", server.stats.issueCalls, 1)
    const files = globSync("**/*", { cwd: directory, withFileTypes: true }).filter((entry) => entry.isFile())
    const modes = files.map(({ name, parentPath }) => statSync(join(parentPath, name)).mode & 0o777)
    is("whether others may read its files", [modes.length > 0, modes.every((mode) => mode === 0o600)], [true, true])
  }
  return {
    "bun-service does what its README says": () => app().keepsItsReadme(),
    "bun-service keeps its token across processes and restarts": keepsItsToken
  }
}
