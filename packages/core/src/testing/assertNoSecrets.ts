/** Shorter strings occur everywhere by chance. */
const shortest = 4

const encodings = (secret: string): ReadonlyArray<readonly [how: string, text: string]> => [
  ["in clear", secret],
  ["URL-encoded", encodeURIComponent(secret)],
  ["as JSON", JSON.stringify(secret).slice(1, -1)],
  ["in base64", btoa(String.fromCharCode(...new TextEncoder().encode(secret))).replace(/=+$/, "")]
]

/**
 * Throws if a string contains one of the secrets: as it is, URL-encoded, escaped as JSON or in base64. For tests that
 * check that logs and errors print no secret. The error names the secret by its position in the list.
 *
 * @param text What was printed.
 * @param secrets API keys and tokens, of at least 4 characters each.
 *
 * @example
 * ```ts
 * import { assertNoSecrets } from "@tokenkeep/core/testing"
 *
 * assertNoSecrets("token <redacted:access-token 7f3a>", ["sk-live-2f6c1d"])
 * try {
 *   assertNoSecrets("authorization: Bearer sk-live-2f6c1d", ["sk-live-2f6c1d"])
 * } catch (error) {
 *   console.log((error as Error).message) // => Secret 1 of 1 is printed in clear, at character 22.
 * }
 * ```
 */
export const assertNoSecrets = (text: string, secrets: ReadonlyArray<string>): void => {
  for (const [index, secret] of secrets.entries()) {
    const place = `Secret ${index + 1} of ${secrets.length}`
    if (secret.length < shortest) throw new TypeError(`${place} is shorter than ${shortest} characters.`)
    for (const [how, encoded] of encodings(secret)) {
      const at = text.indexOf(encoded)
      if (at >= 0) throw new Error(`${place} is printed ${how}, at character ${at}.`)
    }
  }
}
