import { containsPart } from "../credentials/containsPart.ts"

/** How many refresh tokens are remembered: the current one, the configured one, and those before and after it. */
const remembered = 8

/** The refresh tokens that a client has seen last, so that no text from outside shows one of them (SEC-1). */
export const recentSecrets = () => {
  let secrets: ReadonlyArray<string> = []
  return {
    remember: (secret: string): void => {
      if (!secrets.includes(secret)) secrets = [...secrets, secret].slice(-remembered)
    },
    arePartlyIn: (text: string): boolean => secrets.some((secret) => containsPart(text, secret))
  }
}
