import { type Body, type CreateRival, initOf, requestToken, type RivalOptions, statusOf, type Token } from "../Rival.ts"

/** How long before its expiry a token counts as expired, in milliseconds. */
const margin = 60_000

/** What a careful user writes by hand: one variable, one shared token request, one more try after a 401. */
const wrapper = ({ base }: RivalOptions, request: () => Promise<Omit<Token, "expiresAt"> & Partial<Token>>) => {
  let current: Partial<Token> = { expiresAt: 0 }
  let renewal: Promise<string> | undefined
  const renew = async () => {
    current = await request()
    return current.token ?? ""
  }
  const isFresh = ({ expiresAt }: Partial<Token>) => expiresAt === undefined || Date.now() < expiresAt - margin
  const token = async () =>
    isFresh(current) ? (current.token ?? "") : (renewal ??= renew().finally(() => (renewal = undefined)))
  const sendWith = (used: string, path: string, body: Body) =>
    fetch(base + path, initOf(body, { authorization: `Bearer ${used}` }))
  const send = async (path: string, body?: Body) => {
    const used = await token()
    const response = await sendWith(used, path, body)
    if (response.status !== 401) return statusOf(response)
    if (current.token === used) current = { expiresAt: 0 }
    return statusOf(await sendWith(await token(), path, body))
  }
  return { token, send }
}

export const create: CreateRival = (options) => wrapper(options, () => requestToken(options))

/** For a server that does not say when a token expires: reads no clock. */
export const createWithoutExpiry: CreateRival = (options) =>
  wrapper(options, async () => ({ token: (await requestToken(options)).token }))
