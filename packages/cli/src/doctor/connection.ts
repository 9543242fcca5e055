import { connect } from "node:net"
import { failed, ok, type Verdict } from "./Finding.ts"
import { longestWait, systemCode } from "./systemCode.ts"

export const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === "https:" ? 443 : 80)

/** Whether the port accepts connections. */
export const checkConnection = (url: URL): Promise<Verdict> =>
  new Promise((resolve) => {
    const port = portOf(url)
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port, timeout: longestWait })
    const end = (verdict: Verdict) => {
      socket.destroy()
      resolve(verdict)
    }
    const fail = (why: string) =>
      end(
        failed(
          "host",
          `Port ${port} of ${url.hostname} does not accept a connection (${why}).`,
          "Check the port and firewalls, and that the server is running."
        )
      )
    socket.once("connect", () => end(ok(`port ${port} of ${socket.remoteAddress} is open`)))
    socket.once("timeout", () => fail("no response in time"))
    socket.once("error", (error) => fail(systemCode(error)))
  })
