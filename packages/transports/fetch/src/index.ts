export { FetchTransport, type FetchTransportOptions } from "./FetchTransport.ts"
