import type { Configuration } from "./Configuration.ts"
import { earlyVerdict } from "./Outcome.ts"
import { isUsable } from "./Server.ts"
import { isVerdict } from "./Storage.ts"
import type { Step } from "./Steps.ts"
import type { Process, World } from "./World.ts"

/** A grant is lost if no record, no living process and no response has a token that the server accepts. */
export const isLost = (world: World, { rules }: Configuration): boolean => {
  const { grant } = world.records[0]!
  if (world.revoked[grant] !== "no") return world.revoked[grant] === "by reuse"
  const works = (token: number) => world.tokens[token]!.grant === grant && isUsable(world, token)
  if (world.records.some(({ token }) => works(token))) return false
  return !world.processes.some(
    ({ message, remembers, successor }) =>
      (successor !== undefined && works(successor.token)) ||
      (message?.kind === "response" && message.answer >= 0 && works(message.answer)) ||
      (rules.putBackRemembered && remembers !== undefined && works(remembers.token))
  )
}

/** What a step broke that no step may break. */
export const brokenByStep = (world: World, { broken, isFault, next }: Step): string | undefined => {
  if (broken !== undefined || isFault) return broken
  const before = world.records[0]!
  const after = next.records[0]!
  if (after.grant < before.grant) return "a replaced grant was overwritten"
  if (isVerdict(before) && after.token === before.token && !isVerdict(after)) return "a verdict did not stand"
}

/** What is wrong in a world in which nothing more happens. */
export const brokenAtEnd = (world: World): string | undefined => {
  const record = world.records[0]!
  const living = world.processes.filter(({ place }) => place !== "dead")
  if (!living.every((process) => isSettled(world, process))) return "a process never gets a token, nor a verdict"
  if (living.length === 0) return undefined
  if (world.lost && !isVerdict(record)) return "the grant is lost, and the record does not say so"
  if (isVerdict(record) && !world.lost && world.revoked[record.grant] === "no") return "a false verdict stands"
}

const isSettled = ({ expired, lost, records }: World, { accessToken, place, reported }: Process): boolean => {
  if (place === "idle") return accessToken > expired && !lost
  const { grant, state } = records[0]!
  return place === "reporting" && reported?.grant === grant && reported.state === state
}

/** A lenient server refuses a used token without revoking its successor, so an early verdict is corrected. */
export const isAccepted = (broken: string, { server }: Configuration): boolean =>
  broken === earlyVerdict && server === "lenient"
