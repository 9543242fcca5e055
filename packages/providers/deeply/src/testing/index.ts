export type { AuthorizationKind } from "./FakeCredentials.ts"
export { createFakeDeeply, type FakeDeeply } from "./FakeDeeply.ts"
export type { FakeDeeplyOptions } from "./FakeDeeplyOptions.ts"
export type { FakeDeeplyStats, LoggedRequest } from "./FakeRecord.ts"
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
} from "./Fault.ts"
export type { SampleEvent, SampleLocation } from "./SampleData.ts"
export { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "./startFakeDeeply.ts"
