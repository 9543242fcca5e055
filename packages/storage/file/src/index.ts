export { FileStorage, type FileStorageOptions } from "./FileStorage.ts"
