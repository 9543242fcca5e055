export { authorizedKy } from "./authorizedKy.ts"
export { KyTransport, type KyTransportOptions } from "./KyTransport.ts"
