import { assert, describe, it } from "@effect/vitest"
import { connectionFailed } from "../../src/errors/causeSummary.ts"
import { connectionAdvice } from "../../src/errors/connectionAdvice.ts"

/** What each class of low-level codes is about: the advice must mention it. */
const classes: ReadonlyArray<readonly [topic: string, advice: RegExp, codes: ReadonlyArray<string>]> = [
  ["the host name", /host name.*resolve/, ["ENOTFOUND", "EAI_AGAIN", "EAI_NONAME"]],
  ["a closed port", /server is running.*port/, ["ECONNREFUSED", "ConnectionRefused"]],
  ["the network", /Check the network and the host/, ["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]],
  [
    "a timeout",
    /firewalls and proxies/,
    ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]
  ],
  [
    "the certificate",
    /TLS certificate/,
    [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "ERR_TLS_CERT_ALTNAME_INVALID"
    ]
  ],
  ["a port without TLS", /serves https/, ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]],
  ["a closed connection", /was closed/, ["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET", "ConnectionClosed"]]
]

describe("the advice for a failed connection", () => {
  for (const [topic, advice, codes] of classes) {
    it.each(codes)(`is about ${topic} for %s`, (code) => assert.match(connectionAdvice(code), advice))
  }

  it("is general for other codes and for none", () => {
    const general = connectionAdvice(undefined)
    assert.match(general, /network and the host/)
    for (const code of ["EACCES", "ABORT_ERR", "", "CONNECTION", "XENOTFOUND"]) {
      assert.strictEqual(connectionAdvice(code), general)
    }
  })

  it("follows the description of the failure, with its code in parentheses", () => {
    const { fix, what } = connectionFailed("GET https://api.example.test/x failed", {
      name: "Error",
      code: "ENOTFOUND"
    })
    assert.strictEqual(what, "GET https://api.example.test/x failed (ENOTFOUND).")
    assert.strictEqual(fix, connectionAdvice("ENOTFOUND"))
    assert.strictEqual(connectionFailed("It failed", { name: "Error" }).what, "It failed.")
  })

  it("names the permission if Deno denies the connection", () => {
    const cause = { name: "NotCapable", url: "https://api.example.test:8443/x" }
    assert.strictEqual(connectionFailed("It failed", cause).fix, "Run deno with --allow-net=api.example.test:8443.")
  })
})
