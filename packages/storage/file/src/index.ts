export { FileStorage, type FileStorageOptions } from "./FileStorage.ts"
export { stateDirectory } from "./stateDirectory.ts"
