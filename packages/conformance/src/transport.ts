// An entry of its own: these laws need servers on real sockets, hence Node, Deno or Bun.
export type { TransportBench } from "./internal/transport/bench.ts"
export { transportLaws } from "./transportLaws.ts"
export { type TransportCapabilities, transportSubject, type TransportSubjectOptions } from "./TransportSubject.ts"
