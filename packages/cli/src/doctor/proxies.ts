import { ok, type Verdict, warning } from "./Finding.ts"

const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]

const isSet = (name: string): boolean => (process.env[name] ?? "") !== ""

/** Node uses the variables only on request. */
const isUsed = (): boolean =>
  process.env["NODE_USE_ENV_PROXY"] === "1" ||
  [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((option) => option.includes("--use-env-proxy"))

const isExcluded = ({ hostname }: URL): boolean =>
  (process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "").split(/[\s,]+/).some((entry) => {
    const [name = ""] = entry.replace(/^\*?\./, "").split(":")
    return entry === "*" || (name !== "" && (hostname === name || hostname.endsWith(`.${name}`)))
  })

/** Whether requests to a URL go through a proxy: then this machine may be unable to reach its host directly. */
export const goesThroughProxy = (url: URL): boolean => {
  const [upper = "", lower = ""] = url.protocol === "https:" ? names.slice(0, 2) : names.slice(2)
  return isUsed() && (isSet(upper) || isSet(lower)) && !isExcluded(url)
}

/** Whether the variables for proxies are set, and are used. */
export const checkProxies = (urls: ReadonlyArray<URL>): Verdict => {
  const set = names.filter(isSet)
  if (set.length === 0) return ok("no proxy is set")
  if (!isUsed()) {
    return warning(
      "proxies",
      `${set.join(", ")} ${set.length === 1 ? "is" : "are"} set, but Node ignores ${set.length === 1 ? "it" : "them"}: requests go directly.`,
      "Set NODE_USE_ENV_PROXY=1 to use the proxy, or unset the variables."
    )
  }
  const through = urls.filter(goesThroughProxy)
  const plain = through.filter(({ protocol }) => protocol === "http:")
  if (plain.length > 0) {
    return warning(
      "proxies",
      `The proxy sees the secret and the tokens of ${plain.map(({ host }) => host).join(", ")}: the connection is plain http.`,
      `Exclude it: NO_PROXY=${plain.map(({ hostname }) => hostname).join(",")}`
    )
  }
  return ok(through.length === 0 ? "a proxy is set, but not used for these hosts" : "requests go through the proxy")
}
