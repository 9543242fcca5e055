interface Payload {
  readonly grantId?: string
  readonly [name: string]: unknown
}

/** Where oidc-provider stores what it issues. Its own adapter prints a warning. */
export class MemoryAdapter {
  readonly #entries = new Map<string, Payload>()

  async upsert(id: string, payload: Payload): Promise<void> {
    this.#entries.set(id, payload)
  }

  async find(id: string): Promise<Payload | undefined> {
    return this.#entries.get(id)
  }

  /** A refresh token was used. */
  async consume(id: string): Promise<void> {
    const payload = this.#entries.get(id)
    if (payload !== undefined)
      this.#entries.set(id, { ...payload, consumed: Math.floor(performance.timeOrigin / 1_000) })
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#entries) if (payload.grantId === grantId) this.#entries.delete(id)
  }
}
