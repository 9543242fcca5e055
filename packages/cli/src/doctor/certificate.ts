import { isIP } from "node:net"
import { connect } from "node:tls"
import { currentTime, isoTime } from "../output/clock.ts"
import { duration } from "../output/duration.ts"
import { portOf } from "./connection.ts"
import { failed, ok, type Verdict, warning } from "./Finding.ts"
import { longestWait, systemCode } from "./systemCode.ts"

/** A certificate that expires within this time is reported, in milliseconds. */
const soon = 14 * 86_400_000

const fixes: ReadonlyArray<readonly [code: RegExp, fix: string]> = [
  [/EXPIRED/, "Renew the certificate of the server. If it was renewed, check the clock of this machine."],
  [/NOT_YET_VALID/, "Check the clock of this machine."],
  [/ALTNAME/, "Use the host name that the certificate is for."],
  [
    /SELF_SIGNED|UNABLE_TO|LEAF_SIGNATURE|ISSUER/,
    "Trust its issuer: set NODE_EXTRA_CA_CERTS to the issuer's PEM file, or NODE_USE_SYSTEM_CA=1."
  ]
]

const fixFor = (code: string): string =>
  fixes.find(([codes]) => codes.test(code))?.[1] ?? "Check that the port serves https, and check proxies in between."

/** Whether this machine trusts the server's certificate, and when it expires. */
export const checkCertificate = (url: URL): Promise<Verdict> =>
  new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const servername = isIP(host) === 0 ? { servername: host } : {}
    // The connection is closed before anything is sent: this only looks at what the server shows.
    const socket = connect({ host, port: portOf(url), ...servername, rejectUnauthorized: false })
    const end = (verdict: Verdict) => {
      socket.destroy()
      resolve(verdict)
    }
    const fail = (what: string, code: string) => end(failed("host", what, fixFor(code)))
    const failHandshake = (code: string) => fail(`TLS with ${host} failed (${code}).`, code)
    socket.setTimeout(longestWait, () => failHandshake("no response in time"))
    socket.once("error", (error) => failHandshake(systemCode(error)))
    socket.once("secureConnect", () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to)
      const code = socket.authorizationError as unknown
      if (!socket.authorized) {
        return fail(
          `The certificate of ${host} is not accepted (${String(code)}). Its expiry date is ${isoTime(ends)}.`,
          String(code)
        )
      }
      const left = ends - currentTime()
      const what = `${socket.getProtocol()}, and its certificate expires in ${duration(left)}, on ${isoTime(ends)}`
      end(left > soon ? ok(what) : warning("host", `${what}.`, "Renew the certificate of the server."))
    })
  })
