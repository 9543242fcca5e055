import { exchange, issue } from "./Server.ts"
import type { Steps } from "./Steps.ts"
import { write } from "./Storage.ts"
import type { World } from "./World.ts"

/** What the network, the storage and the user do. */
export const outsideSteps = (steps: Steps): void => {
  strayRequests(steps)
  forgetWrite(steps)
  if (steps.world.replacementsLeft > 0) steps.add("the user replaces the grant", replaceGrant)
  if (steps.world.revocationsLeft > 0) revoke(steps)
}

const strayRequests = (steps: Steps): void => {
  steps.world.stray.forEach(({ token }, index) => {
    steps.add("a request that no process waits for arrives", (next) => {
      next.stray.splice(index, 1)
      exchange(next, token, steps.configuration)
    })
    steps.add("a request that no process waits for is lost", (next) => void next.stray.splice(index, 1))
  })
}

const forgetWrite = (steps: Steps): void => {
  const { previous, records } = steps.world
  if (previous === undefined || previous.grant !== records[0]!.grant) return
  const written = { ok: "successor", exchanging: "intent", rejected: "verdict", lost: "verdict" }[records[0]!.state]
  steps.fault("write forgotten", written, (next) => {
    next.records[0] = previous
    next.previous = undefined
  })
}

/** Rule 20. The faults so far were those of the previous grant. */
const replaceGrant = (next: World): void => {
  next.replacementsLeft -= 1
  const grant = next.revoked.push("no") - 1
  const token = issue(next, grant)
  write(next, 0, { grant, generation: 0, token, state: "ok", attempt: 0, owner: 0, takenOver: false })
  next.expired = token
  next.faults = []
  next.lost = false
}

const revoke = (steps: Steps): void => {
  const { grant } = steps.world.records[0]!
  if (steps.world.revoked[grant] !== "no") return
  steps.add("the user revokes the grant at the server", (next) => {
    next.revocationsLeft -= 1
    next.revoked[grant] = "by the user"
  })
}
