import { MemoryStorage } from "@tokenkeep/storage-memory"
import { checkLifecycle } from "./lifecycle.js"

/** Those share a memory who are given the same layer. */
const place = () => {
  const layer = MemoryStorage.layer()
  return () => layer
}

export const suite = ({ driver }) => checkLifecycle({ driver, place, title: "memory" })
