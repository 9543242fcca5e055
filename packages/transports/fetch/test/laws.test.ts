import { transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { FetchTransport } from "@tokenkeep/transport-fetch"

testLaws(transportSubject({ title: "FetchTransport", layer: FetchTransport.layer() }))
