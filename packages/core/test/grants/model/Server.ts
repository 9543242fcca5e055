import type { Configuration } from "./Configuration.ts"
import { invalidGrant, type World } from "./World.ts"

export const isUsable = (world: World, token: number): boolean => {
  const known = world.tokens[token]!
  return world.revoked[known.grant] === "no" && known.state !== "spent"
}

/** Issues a refresh token that nothing has used. */
export const issue = (world: World, grant: number): number =>
  world.tokens.push({ grant, state: "live", successor: -1, leases: 0 }) - 1

/** The server handles a request: the successor, or {@link invalidGrant}. */
export const exchange = (world: World, token: number, { server }: Configuration): number => {
  const known = world.tokens[token]!
  if (world.revoked[known.grant] !== "no") return invalidGrant
  if (known.state === "live") return rotate(world, token, server === "strict" || server === "lenient")
  if (known.state === "grace") return useAgain(world, token, server === "same", server === "last")
  if (server !== "lenient") world.revoked[known.grant] = "by reuse"
  return invalidGrant
}

const rotate = (world: World, token: number, withoutGrace: boolean): number => {
  const known = world.tokens[token]!
  const successor = issue(world, known.grant)
  world.tokens[token] = { ...known, state: withoutGrace ? "spent" : "grace", successor, leases: 0 }
  return successor
}

const useAgain = (world: World, token: number, same: boolean, last: boolean): number => {
  const known = world.tokens[token]!
  const earlier = world.tokens[known.successor]!
  if (same && earlier.state !== "spent") return known.successor
  if (same) {
    world.revoked[known.grant] = "by reuse"
    return invalidGrant
  }
  const successor = issue(world, known.grant)
  if (last) world.tokens[known.successor] = { ...earlier, state: "spent" }
  world.tokens[token] = { ...known, successor }
  return successor
}

/** A lease has ended: the grace periods are that much older. */
export const ageGrace = (world: World, { graceLeases }: Configuration): void => {
  if (graceLeases === Infinity) return
  world.tokens = world.tokens.map((token) =>
    token.state === "grace" ? { ...token, leases: Math.min(token.leases + 1, graceLeases) } : token
  )
}
