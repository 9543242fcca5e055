// In the bundle this stands for the module of effect of the same name. Effect hashes there only to find a failure's reason
// among the two or three that it has already: one number for all of them is enough.
import type * as Hash from "effect/Hash"

export * from "effect/Hash"

const same: (...of: ReadonlyArray<unknown>) => number = () => 0

export { same as array, same as hash, same as number, same as string, same as structure, same as structureKeys }

export const combine = ((...both) => (both.length > 1 ? 0 : same)) as typeof Hash.combine
