import type { Rates } from "@tokenkeep/core"

/** The documented limits of each endpoint, the reissue endpoint included. */
export const deeplyRates: Rates = { perSecond: 10, perMinute: 1_000 }
