import { findRedis } from "redis-servers"

/** For `describe.skipIf`, so that suites without a server are reported as skipped. */
export const noRedis = findRedis() === undefined
