import type { TokenFetch } from "@tokenkeep/core"
import type { CustomFetchOptions } from "oauth4webapi"

/** Core's guarded fetch for oauth4webapi. Core handles redirects and aborts, so those options are left out. */
export const libraryFetch =
  (fetch: TokenFetch) =>
  (
    url: string,
    { body, headers, method }: CustomFetchOptions<string, URLSearchParams | undefined>
  ): Promise<Response> =>
    fetch(url, { method, headers, ...(body === undefined ? undefined : { body: body.toString() }) })
