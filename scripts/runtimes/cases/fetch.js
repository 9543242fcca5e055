import { transportSubject } from "@tokenkeep/conformance/transport"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { checkLaws } from "./laws.js"

/** The laws of transports, for the platform's fetch. */
export const suite = () =>
  checkLaws(transportSubject({ title: "FetchTransport", layer: FetchTransport.layer() }), { concurrency: 16 })
