export type { RawResponse } from "./RawResponse.ts"
export { UndiciTransport, type UndiciTransportOptions } from "./UndiciTransport.ts"
