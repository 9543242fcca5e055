import { lookup } from "node:dns/promises"
import { failed, ok, type Verdict } from "./Finding.ts"
import { patience, systemCode } from "./systemCode.ts"

const timeout = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new DOMException("No response", "TimeoutError")), patience).unref()
  })

/** Whether the host's name can be resolved. */
export const checkHostName = async ({ hostname }: URL): Promise<Verdict> => {
  const name = hostname.replace(/^\[|\]$/g, "")
  try {
    const found = await Promise.race([lookup(name, { all: true }), timeout()])
    return ok(found.map(({ address }) => address).join(", "))
  } catch (error) {
    return failed(
      "host",
      `The name ${name} cannot be resolved (${systemCode(error)}).`,
      "Check the spelling of the host, and the DNS of this machine."
    )
  }
}
