// A page: neither the types of Node, nor those of explicit resource management.
import { createDeeply, createDeeplyPool } from "tokenkeep"
import { createOAuth2 } from "tokenkeep/oauth2"

const deeply = createDeeply({ apiKey: "sk-live-2f6c1d", host: "https://api.example.test" })
const crm = createOAuth2({
  baseUrl: "https://crm.example.test",
  issuer: "https://login.example.test",
  client: { id: "app", secret: "secret-2f6c1d" },
  grant: { type: "client_credentials" }
})

export const responses: ReadonlyArray<Promise<Response>> = [deeply.fetch("/api/v1/events"), crm.fetch("/contacts")]
export const pool = createDeeplyPool({ apiKey: (id) => id })
