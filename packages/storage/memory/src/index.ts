export { MemoryStorage } from "./MemoryStorage.ts"
