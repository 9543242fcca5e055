/** What a careful user would write by hand: one variable, one shared token request, one replay after a 401. */
export const handWritten = (base: string, apiKey: string) => {
  let current: string | undefined
  let renewal: Promise<string> | undefined
  const fetchToken = async () => {
    const response = await fetch(`${base}/api/v1/auth/reissue`, { headers: { authorization: `Bearer ${apiKey}` } })
    const { access_token: token } = (await response.json()) as { readonly access_token: string }
    current = token
    return token
  }
  const token = async () => current ?? (renewal ??= fetchToken().finally(() => (renewal = undefined)))
  const authorized = async (path: string) => {
    const used = await token()
    const response = await fetch(base + path, { headers: { authorization: `Bearer ${used}` } })
    if (response.status !== 401) return response
    if (current === used) current = undefined
    return fetch(base + path, { headers: { authorization: `Bearer ${await token()}` } })
  }
  return { token, fetch: authorized }
}
