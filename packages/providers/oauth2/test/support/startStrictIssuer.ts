import { type KeyObject, verify } from "node:crypto"
import { issued, type Received, type Reply, startHandMade } from "./startHandMade.ts"

const decoded = (part = ""): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>

/** An issuer that accepts only assertions of P-256 which its own clock makes valid. */
export const startStrictIssuer = async (
  publicKey: KeyObject,
  {
    offset = 0,
    respond = () => ({ body: issued }),
    tellsTime = true
  }: {
    /** By how many seconds its clock is ahead. */
    readonly offset?: number
    readonly tellsTime?: boolean
    /** The response to a request whose assertion is valid. */
    readonly respond?: (received: Received) => Reply
  } = {}
) => {
  const assertions: Array<Record<string, unknown>> = []
  const clock = { offset }
  const now = () => Date.now() / 1_000 + clock.offset
  const accepts = ({ body }: Received): boolean => {
    const [header = "", payload = "", signature = ""] = (body.get("client_assertion") ?? "").split(".")
    const claims = decoded(payload)
    assertions.push({ ...decoded(header), ...claims })
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const
    const isSigned = verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))
    return isSigned && Number(claims["nbf"]) <= now() + 1 && Number(claims["exp"]) > now()
  }
  const server = await startHandMade({
    token: (received) => {
      const headers = { date: tellsTime ? new Date(now() * 1_000).toUTCString() : "" }
      const reply = accepts(received) ? respond(received) : { status: 401, body: { error: "invalid_client" } }
      return { ...reply, headers }
    }
  })
  return Object.assign(server, { assertions, clock })
}
