export { AuthorizedHttpClient } from "./AuthorizedHttpClient.ts"
