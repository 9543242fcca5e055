// Laws, whatever they are about
export { checkLaw, type Finding, lawsFor, type Outcome, type Report, runLaws } from "./harness.ts"
export { type Law, LawBroken, type Subject } from "./Law.ts"
export { formatReport } from "./report.ts"

// Storages
export type { OpenStorage, StorageBench } from "./StorageBench.ts"
export { storageLaws } from "./storageLaws.ts"
export { storageSubject, type StorageSubjectOptions } from "./StorageSubject.ts"

// Providers
export type { ProviderBench } from "./ProviderBench.ts"
export { providerLaws } from "./providerLaws.ts"
export { type DocumentedAnswer, providerSubject, type ProviderSubjectOptions } from "./ProviderSubject.ts"
