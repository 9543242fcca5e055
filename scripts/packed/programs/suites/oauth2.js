// Client credentials in every runtime: a secret, and assertions that WebCrypto signs. It needs no network.
import { createOAuth2 } from "@tokenkeep/oauth2"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { outcomeOf, rejection, same } from "./checks.js"

const issuer = "https://login.example.test"
const api = "https://api.example.test"
const endpoint = `${issuer}/token`

/** An issuer and an API. The issuer accepts the secret, or assertions that the public key verifies. */
const world = (publicKey) => {
  const decoded = (part) =>
    Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
  const isSigned = ([header, payload, signature]) =>
    crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      publicKey,
      decoded(signature),
      new TextEncoder().encode(`${header}.${payload}`)
    )
  const accepts = async (headers, body) => {
    const assertion = new URLSearchParams(body).get("client_assertion")
    if (assertion === null) return headers.get("authorization") === `Basic ${btoa("app:s3cr3t")}`
    return isSigned(assertion.split("."))
  }
  return FetchTransport.layer({
    fetch: async (input, init) => {
      const url = String(input)
      const headers = new Headers(init.headers)
      if (url.includes("/.well-known/")) return Response.json({ issuer, token_endpoint: endpoint })
      if (url === endpoint) {
        return (await accepts(headers, init.body))
          ? Response.json({ access_token: "at-1", token_type: "Bearer", expires_in: 60 })
          : Response.json({ error: "invalid_client" }, { status: 401 })
      }
      return new Response(headers.get("authorization"))
    }
  })
}

const textFor = async (client, transport) => {
  const keep = createOAuth2({ baseUrl: api, issuer, client, grant: { type: "client_credentials" }, transport })
  try {
    return await (await keep.fetch("/orders")).text()
  } finally {
    await keep.dispose()
  }
}

const keyPair = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])

const pem = async (key) => {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key))
  return `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...bytes))}\n-----END PRIVATE KEY-----\n`
}

const cases = {
  "KEY-1 client credentials with a secret": async () => {
    same(await textFor({ id: "app", secret: "s3cr3t" }, world()), "Bearer at-1")
  },
  "KEY-2 a wrong secret is CLIENT_REJECTED": async () => {
    const { code } = await rejection(textFor({ id: "app", secret: "wr0ng" }, world()))
    same(code, "CLIENT_REJECTED")
  },
  "KEY-1 private_key_jwt with a JWK, a CryptoKey and PEM": async () => {
    const { privateKey, publicKey } = await keyPair()
    const forms = [await crypto.subtle.exportKey("jwk", privateKey), privateKey, await pem(privateKey)]
    for (const form of forms) same(await textFor({ id: "app", privateKey: form }, world(publicKey)), "Bearer at-1")
  },
  "SEC-2 a key that does not fit is CONFIG_INVALID": async () => {
    const { publicKey } = await keyPair()
    const { code } = await rejection(textFor({ id: "app", privateKey: publicKey }, world(publicKey)))
    same(code, "CONFIG_INVALID")
  }
}

export const oauth2 = async () => {
  const outcomes = []
  for (const [name, check] of Object.entries(cases)) outcomes.push(await outcomeOf(name, check))
  return outcomes
}
