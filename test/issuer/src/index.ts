export { digestOf } from "./digestOf.ts"
export { bodyOf, type Handler, listen, type TestServer } from "./listen.ts"
export { MemoryAdapter } from "./MemoryAdapter.ts"
export { errors, Provider, type StoredToken } from "./oidcProvider.ts"
export {
  type RefreshIssuer,
  type RefreshIssuerOptions,
  secret,
  startRefreshIssuer,
  type TokenUse
} from "./startRefreshIssuer.ts"
