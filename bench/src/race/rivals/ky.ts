import ky from "ky"
import { type CreateRival, initOf, requestToken, statusOf } from "../Rival.ts"

/** "How do I implement token refresh on 401 responses?" of ky's README, with the hook that adds the stored token. */
export const create: CreateRival = (options) => {
  let token = ""
  const api = ky.create({
    baseUrl: options.base,
    retry: { statusCodes: [401] },
    hooks: {
      beforeRequest: [({ request }) => request.headers.set("authorization", `Bearer ${token}`)],
      beforeRetry: [
        async ({ request }) => {
          ;({ token } = await requestToken(options))
          request.headers.set("authorization", `Bearer ${token}`)
        }
      ]
    }
  })
  return { send: async (path, body) => statusOf(await api(path, initOf(body))) }
}
