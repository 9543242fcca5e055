import { transportSubject } from "@tokenkeep/conformance/transport"
import { KyTransport } from "@tokenkeep/transport-ky"
import { checkLaws } from "./laws.js"

/** The laws of transports, for ky. */
export const suite = () =>
  checkLaws(transportSubject({ title: "KyTransport", layer: KyTransport.layer() }), { concurrency: 16 })
