import { baseUrlOf } from "../clients/baseUrlOf.ts"
import { storageLayer } from "../clients/storageOf.ts"
import { storageAddress, type StoragePlace, storagePlace } from "../clients/storagePlace.ts"
import type { Profile } from "../profiles/Profile.ts"
import { refreshGrantOf } from "../profiles/refreshGrantOf.ts"
import { checkAccepted } from "./accepted.ts"
import { checkCertificate } from "./certificate.ts"
import { checkClock } from "./clock.ts"
import { checkConnection } from "./connection.ts"
import { checkDirectory, checkSpace } from "./directory.ts"
import { notChecked, ok, type Verdict } from "./Finding.ts"
import { checkHostName } from "./hostName.ts"
import { checkLease } from "./lease.ts"
import { checkProxies, goesThroughProxy } from "./proxies.ts"
import type { RedisInfo } from "./redis.ts"
import { checkResponse } from "./response.ts"
import type { Check } from "./runChecks.ts"
import { checkSecret } from "./secret.ts"
import { checkVersions } from "./versions.ts"

/** The servers of a profile: the API, and the issuer if it is another one. */
const serversOf = async (profile: Profile): Promise<ReadonlyArray<URL>> => {
  const { settings } = profile
  const issuer = settings.type === "oauth2" ? (settings.tokenEndpoint ?? settings.issuer) : undefined
  const all = [await baseUrlOf(profile), ...(issuer === undefined ? [] : [issuer])].map((url) => new URL(url))
  return all.filter((url, index) => all.findIndex(({ origin }) => origin === url.origin) === index)
}

const deeplyProbe = (base: URL): URL => new URL(`${base.href.replace(/\/$/, "")}/api/v1/mics`)

/** The checks of one server, each of which needs the one before. */
const hostChecks = (url: URL, isDeeply: boolean): ReadonlyArray<Check> => {
  const { host } = url
  let ahead: number | undefined
  const directly = (run: (url: URL) => Verdict | Promise<Verdict>) => () =>
    goesThroughProxy(url) ? ok("not needed: the proxy does it") : run(url)
  const [name, connection, tls, response] = [
    `DNS of ${host}`,
    `TCP of ${host}`,
    `TLS of ${host}`,
    `response of ${host}`
  ]
  const isHttps = url.protocol === "https:"
  return [
    { name, run: directly(checkHostName) },
    { name: connection, needs: [name], run: directly(checkConnection) },
    ...(isHttps ? [{ name: tls, needs: [connection], run: directly(checkCertificate) }] : []),
    {
      name: response,
      needs: [isHttps ? tls : connection],
      run: async () => {
        const { probe, verdict } = await checkResponse(isDeeply ? deeplyProbe(url) : url, isDeeply)
        ahead = probe?.ahead
        return verdict
      }
    },
    { name: `clock against ${host}`, needs: [response], run: () => checkClock(ahead) }
  ]
}

const redisChecks = (place: StoragePlace & { readonly type: "redis" }, hasGrant: boolean): ReadonlyArray<Check> => {
  let info: RedisInfo | undefined
  const later = (check: "checkPersistence" | "checkEviction" | "checkRole") => async () => {
    const module = await import("./redis.ts")
    return info === undefined ? notChecked("the server returned no information") : module[check](info, hasGrant)
  }
  const server = async () => {
    const { checkServer } = await import("./redis.ts")
    const found = await checkServer(place.url, storageAddress(place))
    info = found.info
    return found.verdict
  }
  return [
    { name: "storage", run: server },
    { name: "persistence", needs: ["storage"], run: later("checkPersistence") },
    { name: "eviction", needs: ["storage"], run: later("checkEviction") },
    { name: "replicas", needs: ["storage"], run: later("checkRole") }
  ]
}

const storageChecks = (place: StoragePlace, hasGrant: boolean): ReadonlyArray<Check> => {
  if (place.type === "memory") return [{ name: "storage", run: () => ok("the memory of each process") }]
  const own =
    place.type === "redis"
      ? redisChecks(place, hasGrant)
      : [
          { name: "storage", run: () => checkDirectory(place.directory) },
          { name: "space", needs: ["storage"], run: () => checkSpace(place.directory) }
        ]
  const lease = { name: "lease", needs: ["storage"], run: async () => checkLease(await storageLayer(place)) }
  return [...own, lease]
}

/** All checks of a profile, in an order in which each needs only earlier ones. */
export const checksOf = async (profile: Profile, signal: AbortSignal): Promise<ReadonlyArray<Check>> => {
  const { settings } = profile
  const isDeeply = settings.type === "deeply"
  const servers = await serversOf(profile)
  const hasGrant = refreshGrantOf(profile) !== undefined
  const hosts = servers.map((url, index) => hostChecks(url, isDeeply && index === 0))
  const responses = hosts
    .flatMap((checks) => checks.filter(({ name }) => name.startsWith("response")))
    .map(({ name }) => name)
  return [
    { name: "versions", run: checkVersions },
    { name: "proxies", run: () => checkProxies(servers) },
    { name: "secret", run: () => checkSecret(profile) },
    ...storageChecks(storagePlace(settings.storage), hasGrant),
    ...hosts.flat(),
    {
      name: "token",
      // A refresh token is in the storage; other tokens are requested without one if need be.
      needs: ["secret", ...responses, ...(hasGrant ? ["lease"] : [])],
      run: () => checkAccepted(profile, signal)
    }
  ]
}
