export type { AuthorizationKind } from "./server/FakeCredentials.ts"
export { createFakeDeeply, type FakeDeeply } from "./FakeDeeply.ts"
export type { FakeDeeplyOptions } from "./FakeDeeplyOptions.ts"
export type { FakeDeeplyStats, LoggedRequest } from "./server/FakeRecord.ts"
export type {
  BytesFault,
  DropAuthorizationFault,
  EndlessFault,
  Fault,
  FaultBody,
  FaultScope,
  HangFault,
  RedirectFault,
  RespondFault,
  ResetFault
} from "./faults/Fault.ts"
export type { SampleEvent, SampleLocation } from "./SampleData.ts"
export { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "./startFakeDeeply.ts"
