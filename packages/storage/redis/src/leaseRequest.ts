import type { Commands } from "./connections/connection.ts"
import { replyCode } from "./failures.ts"
import { type Call, runScript } from "./runScript.ts"
import { acquire, release } from "./scripts.ts"

/** The response of the server: the fence of a granted lease, or the current lease of another owner. */
export interface LeaseResponse {
  readonly granted: boolean
  readonly fence: number
  readonly left: number
  readonly owner: string
}

const ignore = (): void => undefined

/** Clients may be configured to return numbers, strings or buffers. */
const readResponse = (reply: unknown): LeaseResponse => {
  const [granted, fence, left, owner = ""] = (reply as ReadonlyArray<unknown>).map(String)
  return { granted: granted === "1", fence: Number(fence), left: Number(left), owner }
}

/**
 * A request for a lease that can be cancelled. A frozen process or network may deliver a cancelled request late. If the
 * server then grants the lease, it is released.
 */
export const leaseRequest = (acquireCall: Call, releaseCall: Call) => {
  let sentOn: Commands | undefined
  let isCancelled = false

  /** The release follows the request on the same connection, so no other owner can get the lease in between. */
  const releaseLate = (): void => {
    if (sentOn !== undefined) runScript(sentOn, release, releaseCall).catch(ignore)
  }

  const cancel = (): void => {
    isCancelled = true
    releaseLate()
  }

  const acquireLease = async (commands: Commands): Promise<LeaseResponse> => {
    const response = readResponse(await runScript(commands, acquire, acquireCall, () => !isCancelled))
    // A Cluster or a pool may have sent the release on another connection, before the request.
    if (response.granted && isCancelled) releaseLate()
    return response
  }

  return {
    send: async (commands: Commands): Promise<LeaseResponse> => {
      sentOn = commands
      const response = acquireLease(commands)
      try {
        return await (commands.untilLost?.(response) ?? response)
      } catch (error) {
        // Unless the server replied with an error, it may have granted the lease, or may still do so.
        if (replyCode(error) === undefined) cancel()
        throw error
      }
    },
    cancel
  }
}
