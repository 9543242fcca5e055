// An entry of its own: these tests listen on real sockets, so they need Node, Deno or Bun.
export { transportContract } from "./transportContract.ts"
export type { TransportCapabilities, TransportUnderTest } from "./TransportUnderTest.ts"
