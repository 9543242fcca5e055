export { type Fleet, type Member, startFleet } from "./Fleet.ts"
export { crashSteps, type Failure } from "./Protocol.ts"
export { requestFailure } from "./requestFailure.ts"
export { type SharedStorage, startStorage, type StorageKind, storageKinds } from "./SharedStorage.ts"
