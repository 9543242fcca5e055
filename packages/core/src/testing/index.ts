export { assertNoSecrets } from "./assertNoSecrets.ts"
