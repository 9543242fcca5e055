import { clientOptions } from "./makeWorker.js"

const path = "/api/v1/mics?size=1"

const statusOf = async (response) => {
  await response.text()
  return response.status
}

/** The promise API as users write it in a worker: one client in module scope for all requests. */
export const promiseCalls = ({ createDeeply, storage }) => {
  const deeply = createDeeply(clientOptions)
  const get = async (signal) => statusOf(await deeply.fetch(path, { signal }))
  return {
    get,
    getFiveTimes: () => Promise.all(Array.from({ length: 5 }, () => get())),
    sendStream: async () => {
      const { body } = new Response("a sound")
      return statusOf(await deeply.fetch(path, { method: "POST", body, duplex: "half" }))
    },
    list: async (signal) => (await deeply.mics.list({ size: 1 }, { signal })).results.length,
    token: async (signal) => (await deeply.token({ signal })).id,
    peek: () => deeply.peek()?.id,
    state: () => deeply.status().state,
    /** With a client of this request's own, over a storage in module scope. */
    getWithOwnClient: async () => {
      const own = createDeeply({ ...clientOptions, storage })
      try {
        return await statusOf(await own.fetch(path))
      } finally {
        await own.dispose()
      }
    }
  }
}
