import { readEnvironment } from "../Environment.ts"

/** A variable's value, or nothing where reading it is not permitted: a warning is not worth a failure. */
const quietly = (name: string): string => {
  try {
    return readEnvironment(name) ?? ""
  } catch {
    return ""
  }
}

const first = (...names: ReadonlyArray<string>): string => names.map(quietly).find((value) => value !== "") ?? ""

/** An entry is a host, a domain, either with a port, or a star for all. */
const isExcepted = (base: URL, exceptions: string): boolean =>
  exceptions
    .toLowerCase()
    .split(",")
    .some((entry) => {
      const name = entry.trim().replace(/^\*?\./, "")
      if (name === "" || name === "*") return name === "*"
      return [base.hostname, base.host].some((host) => host === name || host.endsWith(`.${name}`))
    })

/** Deno and Bun obey `HTTP_PROXY` by themselves, Node only when it is told to. */
const obeysProxy = (): boolean => "Deno" in globalThis || "Bun" in globalThis || quietly("NODE_USE_ENV_PROXY") === "1"

/**
 * Whether requests to a plain-http origin pass through a proxy of the environment, which then reads the credentials
 * (REQ-4).
 */
export const isCleartextProxied = (base: URL): boolean =>
  base.protocol === "http:" &&
  obeysProxy() &&
  first("http_proxy", "HTTP_PROXY") !== "" &&
  !isExcepted(base, first("no_proxy", "NO_PROXY"))
