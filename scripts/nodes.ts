/** A program and its first arguments. */
export type Command = [string, ...Array<string>]

/** Other versions of Node that users have; npm fetches them. Node 22 is the oldest that is supported. */
export const node22: Command = ["npx", "-y", "node@22.23.3"]
export const node24: Command = ["npx", "-y", "node@24.21.0"]
