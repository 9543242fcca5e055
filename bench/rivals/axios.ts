import axios from "axios"
import { createAuthRefresh } from "axios-auth-refresh"
import { type CreateRival, requestToken } from "../src/race/Rival.ts"

/** The README's example: a stored token, an interceptor that adds it, and the logic that renews it. */
export const create: CreateRival = (options) => {
  let token = ""
  const api = axios.create({ baseURL: options.base })
  api.interceptors.request.use((request) => {
    request.headers["Authorization"] = `Bearer ${token}`
    return request
  })
  // The types of axios for import and require differ.
  createAuthRefresh(api as never, async (failed: { response: { config: { headers: Record<string, string> } } }) => {
    ;({ token } = await requestToken(options))
    failed.response.config.headers["Authorization"] = `Bearer ${token}`
  })
  return {
    send: async (path, body) => {
      const response = await (body === undefined
        ? api.get(path)
        : api.post(path, body, { headers: { "content-type": "application/json" } }))
      return response.status
    }
  }
}
