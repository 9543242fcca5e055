import page from "./page.json" with { type: "json" }

/** The console: one HTML document without external resources, and the `Content-Security-Policy` to send with it. */
export interface ConsolePage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** The page reads its messages from `events`, relative to its own URL. */
export const consolePage = (): ConsolePage => page
