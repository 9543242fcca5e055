/**
 * Whether requests of the application are isolated from each other, as in Cloudflare Workers (workerd). There, a timer or
 * a response belongs to the request that created it and ends with it, so no request may wait for what another one does.
 */
export const requestsAreIsolated = (): boolean => {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } }
  return navigator?.userAgent === "Cloudflare-Workers"
}
