import { findRedis } from "redis-servers"

/** For `describe.skipIf`: a suite is skipped, and counted as skipped, where there is no server to run it on. */
export const noRedis = findRedis() === undefined
