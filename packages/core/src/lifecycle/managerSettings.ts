import { invalidOption } from "../errors/optionChecks.ts"
import type { Provider } from "../ports/Provider.ts"
import { maxLeaseMillis } from "../ports/TokenStorage.ts"
import { checkBaseUrl } from "../requests/baseUrl.ts"
import { storageSettings } from "../storage/storageSettings.ts"
import { tokenRequestSettings } from "../token-request/tokenRequestSettings.ts"
import { renewalSettings } from "./RenewalPolicy.ts"
import type { TokenManagerOptions } from "./TokenManagerOptions.ts"

/** How long a lease lasts beyond the deadline of the token request that it is for, in milliseconds (TOK-3). */
const leaseMargin = 2_000

/** The options of a manager, checked once. */
export type ManagerSettings = ReturnType<typeof managerSettings>

/** Checks the options; throws `CONFIG_INVALID` or `INSECURE_ORIGIN` with the name of the one that is wrong. */
export const managerSettings = (provider: Provider["Service"], options: TokenManagerOptions) => {
  const { allowInsecureHttp, propagation = 0, tokenOrigins } = provider
  const { waitUntil } = options
  const base = checkBaseUrl(provider.baseUrl, { option: "provider", allowInsecureHttp })
  const origins = tokenOrigins?.map((url) => checkBaseUrl(url, { option: "provider.tokenOrigins", allowInsecureHttp }))
  if (origins?.length === 0) {
    throw invalidOption("provider.tokenOrigins", "is empty", "Name an origin, or omit it for the base URL.")
  }
  if (!Number.isFinite(propagation) || propagation < 0) {
    throw invalidOption("provider.propagation", "is not a finite time", "Use milliseconds, or omit it.")
  }
  if (waitUntil !== undefined && typeof waitUntil !== "function") {
    throw invalidOption("waitUntil", "is not a function", "Pass a function, or omit it.")
  }
  const tokenRequest = { ...tokenRequestSettings(options), tokenOrigins: origins ?? [base] }
  const leaseMillis = tokenRequest.deadline + leaseMargin
  if (leaseMillis > maxLeaseMillis) {
    const fix = `Use ${(maxLeaseMillis - leaseMargin) / 1_000} seconds at most: other clients wait for as long.`
    throw invalidOption("tokenRequest.deadline", "is too long", fix)
  }
  return {
    base,
    tokenRequest,
    renewal: renewalSettings(options.renewal),
    storage: { ...storageSettings(options), leaseMillis, leaseMargin },
    onTokenEvent: options.onTokenEvent,
    waitUntil
  }
}
