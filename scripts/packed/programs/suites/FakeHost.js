import { same } from "./checks.js"

const post = async (url, body) => {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`the driver responded with ${response.status}: ${await response.text()}`)
  return response.json()
}

/** A fake Deeply server for one case. It runs in the driver, because not every runtime can listen. */
export class FakeHost {
  #control
  apiKey
  host

  constructor(control, apiKey) {
    this.#control = control
    this.apiKey = apiKey
    this.host = { name: "fake", baseUrl: control, allowInsecureHttp: true }
  }

  static async open(driver) {
    const { id, apiKey } = await post(`${driver}/fakes`, { rateLimits: false })
    return new FakeHost(`${driver}/fakes/${id}`, apiKey)
  }

  /** Calls a method of the fake server: `expireTokens`, `revokeTokens`, `revokeKey`, `rotateKey`, `script`. */
  do(method, ...args) {
    return post(`${this.#control}/do`, { method, args })
  }

  stats() {
    return post(`${this.#control}/stats`, {})
  }

  /** Fails unless the server has counted this, such as `{ tokenRequests: 1 }`. */
  async counted(expected) {
    const stats = await this.stats()
    same(Object.fromEntries(Object.keys(expected).map((name) => [name, stats[name]])), expected, "what it counted")
  }
}
