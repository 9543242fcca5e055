import { invalidOption, numberWhere, type OptionCheck, ofType } from "../errors/optionChecks.ts"
import type { Provider } from "../ports/Provider.ts"
import { maxLeaseMillis } from "../ports/TokenStorage.ts"
import { checkBaseUrl, checkTokenOrigins } from "../requests/baseUrl.ts"
import { storageChecks, storageSettings } from "../storage/storageSettings.ts"
import { tokenRequestChecks, tokenRequestSettings } from "../token-request/tokenRequestSettings.ts"
import { renewalSettings } from "./RenewalPolicy.ts"
import type { TokenManagerOptions } from "./TokenManagerOptions.ts"

/** How long a lease lasts beyond the deadline of the token request that it is for, in milliseconds (TOK-3). */
const leaseMargin = 2_000

/** Checks a provider: a caller without types may pass anything. */
const providerCheck: OptionCheck<void> = (option, value) => {
  for (const name of ["requestToken", "classify"]) {
    if (typeof value?.[name] !== "function") throw invalidOption(option, `has no ${name}`, "Pass a provider.")
  }
}

export const managerChecks = {
  ...tokenRequestChecks,
  ...storageChecks,
  renewal: (_: string, value: any) => renewalSettings(value),
  onTokenEvent: ofType("function"),
  waitUntil: ofType("function")
}

/** The options of a manager, checked once. */
export type ManagerSettings = ReturnType<typeof managerSettings>

/** Checks the options; throws `CONFIG_INVALID` or `INSECURE_ORIGIN` with the name of the one that is wrong. */
export const managerSettings = (provider: Provider["Service"], options: TokenManagerOptions) => {
  providerCheck("provider", provider)
  const { allowInsecureHttp, propagation } = provider
  const base = checkBaseUrl(provider.baseUrl, { option: "provider", allowInsecureHttp })
  const origins = checkTokenOrigins(provider, provider.tokenOrigins ?? [provider.baseUrl])
  numberWhere(0, "a finite time", (millis) => millis >= 0 && millis < Infinity)("provider.propagation", propagation)
  const tokenRequest = { ...tokenRequestSettings(options), tokenOrigins: origins }
  const leaseMillis = tokenRequest.deadline + leaseMargin
  if (leaseMillis > maxLeaseMillis) {
    const fix = `Use ${(maxLeaseMillis - leaseMargin) / 1_000} seconds at most: other clients wait for that long.`
    throw invalidOption("tokenRequest.deadline", "is too long", fix)
  }
  return {
    base,
    tokenRequest,
    renewal: renewalSettings(options.renewal),
    storage: { ...storageSettings(options, provider.grant !== undefined), leaseMillis, leaseMargin },
    onTokenEvent: options.onTokenEvent,
    waitUntil: options.waitUntil
  }
}
