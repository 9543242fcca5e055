import { lookup } from "node:dns/promises"
import { setTimeout } from "node:timers/promises"
import { failed, ok, type Verdict } from "./Finding.ts"
import { longestWait, systemCode } from "./systemCode.ts"

const timeout = async (): Promise<never> => {
  await setTimeout(longestWait, undefined, { ref: false })
  throw new DOMException("No response", "TimeoutError")
}

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
