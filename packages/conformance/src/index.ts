// Contract tests of any kind
export { type Contract, type ContractTest, ContractViolation } from "./ContractTest.ts"
export { type ContractReport, type ContractResult, formatReport, runContract } from "./runContract.ts"

// Storages
export { storageContract } from "./storageContract.ts"
export type { StorageUnderTest } from "./StorageUnderTest.ts"

// Providers
export { providerContract } from "./providerContract.ts"
export type { DocumentedResponse, ProviderUnderTest } from "./ProviderUnderTest.ts"
