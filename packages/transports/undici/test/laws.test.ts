import { transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { UndiciTransport } from "@tokenkeep/transport-undici"

testLaws(transportSubject({ title: "UndiciTransport", layer: UndiciTransport.layer() }))
