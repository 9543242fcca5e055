/** A Deeply server of one case's own. It lives in the driver, since not every runtime can listen. */
export class FakeHost {
  #control
  apiKey
  host

  constructor(control, apiKey) {
    this.#control = control
    this.apiKey = apiKey
    this.host = { name: "fake", baseUrl: control, cleartext: true }
  }

  static async open(driver, options = {}) {
    const { id, apiKey } = await post(`${driver}/fakes`, options)
    return new FakeHost(`${driver}/fakes/${id}`, apiKey)
  }

  /** Calls a method of the fake server: `expireTokens`, `revokeTokens`, `revokeKey`, `rotateKey`, `script`. */
  do(method, ...args) {
    return post(`${this.#control}/do`, { method, args })
  }

  /** What it has seen so far. */
  stats() {
    return post(`${this.#control}/stats`, {})
  }
}

const post = async (url, body) => {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`the driver answered ${response.status}: ${await response.text()}`)
  return response.json()
}
