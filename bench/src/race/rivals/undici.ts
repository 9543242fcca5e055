import { Agent, type Dispatcher, request } from "undici"
import { type CreateRival, requestToken, type Token } from "../Rival.ts"

/** An interceptor, written as undici's documentation of `compose` shows, around a cached token with one shared request. */
export const create: CreateRival = (options) => {
  let current: Token | undefined
  let renewal: Promise<Token> | undefined
  const renew = () =>
    (renewal ??= requestToken(options)
      .then((token) => (current = token))
      .finally(() => (renewal = undefined)))
  const token = async () => (current !== undefined && Date.now() < current.expiresAt - 60_000 ? current : renew())
  const withToken: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (sent, handler) => {
    void token().then(
      (used) => {
        const headers = { ...(sent.headers as object), authorization: `Bearer ${used.token}` }
        return dispatch({ ...sent, headers }, handler)
      },
      (error) => handler.onResponseError?.(undefined as never, error)
    )
    return true
  }
  const agent = new Agent()
  const dispatcher = agent.compose(withToken)
  return {
    token,
    send: async (path, body) => {
      const response = await request(options.base + path, {
        dispatcher,
        method: body === undefined ? "GET" : "POST",
        headers: body === undefined ? {} : { "content-type": "application/json" },
        body: body ?? null
      })
      await response.body.text()
      return response.statusCode
    },
    close: () => agent.close()
  }
}
