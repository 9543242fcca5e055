import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execArgv } from "node:process"
import { setTimeout } from "node:timers/promises"
import { startServer } from "redis-servers"
import * as Report from "../Report.ts"
import type { MemberJob, MemberNews } from "./Member.ts"

const callers = 50
const life = 2_000

/** How the fleet is shown. */
export interface FleetOptions {
  readonly size: number
  readonly on: "file" | "redis"
  readonly seconds: number
}

const startMember = (job: MemberJob) => {
  const child = fork(new URL("./member.main.ts", import.meta.url), [JSON.stringify(job)], { execArgv })
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const member: { news: MemberNews | undefined; readonly ready: Promise<void>; readonly end: () => Promise<unknown> } =
    {
      news: undefined,
      ready,
      end: () => {
        const gone = once(child, "exit")
        child.disconnect()
        return gone
      }
    }
  child.on("message", (news: MemberNews) => {
    member.news = news
    resolve()
  })
  child.once("exit", () => resolve())
  return member
}

const cells = (...texts: ReadonlyArray<string | number>) =>
  texts.map((text, index) => (index === 0 ? String(text).padEnd(9) : String(text).padStart(10))).join("")

const row = (index: number, news: MemberNews | undefined): string =>
  news === undefined
    ? cells(index + 1, "starting")
    : cells(index + 1, news.issued, news.adopted, `${news.renewalMillis} ms`, news.lease, news.requests, news.failed)

/** The storage that all share: a directory, the Redis of the environment, or one that is started for this. */
const placeFor = async (on: FleetOptions["on"]) => {
  const url = process.env["REDIS_URL"]
  if (on === "redis" && url !== undefined) return { place: url, [Symbol.asyncDispose]: () => Promise.resolve() }
  if (on === "redis") {
    const { stop, url: own } = await startServer()
    return { place: own, [Symbol.asyncDispose]: stop }
  }
  const directory = await mkdtemp(join(tmpdir(), "tokenkeep-fleet-"))
  return { place: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

/** Many processes, one token: who issued it, who took it over, how long that took, and what the issuer saw of it. */
export const showFleet = async ({ on, seconds, size }: FleetOptions): Promise<void> => {
  await using server = await startFakeDeeply({ rateLimits: false, tokenLifetime: life, issueLatency: 100 })
  await using shared = await placeFor(on)
  const where = on === "file" ? "one file storage" : "one Redis"
  Report.title("Tokenkeep", `${size} processes of ${callers} callers on ${where}, tokens of ${life / 1_000} s`)
  Report.section(cells("process", "issued", "adopted", "renewal", "lease", "requests", "failed"))
  const job = { apiKey: server.apiKey, url: server.url, place: shared.place, callers }
  const members = Array.from({ length: size }, () => startMember(job))
  const table = () => [
    ...members.map(({ news }, index) => row(index, news)),
    "",
    `issue calls at the server ${server.stats.issueCalls}`
  ]
  const live = Report.live()
  await Promise.all(members.map(({ ready }) => ready))
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    live.show(table())
    await setTimeout(200)
  }
  live.end(table())
  await Promise.all(members.map(({ end }) => end()))

  const failed = members.reduce((sum, { news }) => sum + (news?.failed ?? 0), 0)
  const issued = members.reduce((sum, { news }) => sum + (news?.issued ?? 0), 0)
  const lives = Math.ceil((seconds * 1_000) / life) + 1
  Report.closing(
    `${server.stats.issueCalls} issue calls for ${size * callers} callers in ${seconds} s · failed ${failed}`
  )
  if (failed > 0) Report.failed("no request should fail")
  // A token of a known life is renewed before its end, at 78 % of it at the earliest.
  if (issued > lives / 0.78) Report.failed(`${lives} lives of a token need no more than ${lives} issue calls`)
}
