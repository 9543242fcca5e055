import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import { AuthorizedClient } from "../requests/AuthorizedClient.ts"

const isPath = (url: string): boolean => !/^(?:[a-z][a-z\d+.-]*:|[/\\]{2})/i.test(url)

const layerKeep = ({
  baseUrl,
  fetch
}: {
  readonly baseUrl: string
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
}): Layer.Layer<HttpClient.HttpClient> => {
  const authorized = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    client.pipe(
      // Innermost, so that no other fetch replaces it.
      HttpClient.transformResponse(Effect.provideService(FetchHttpClient.Fetch, fetch)),
      HttpClient.mapRequest((request) =>
        isPath(request.url) ? HttpClientRequest.prependUrl(request, baseUrl) : request
      )
    )
  return Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, authorized)).pipe(
    Layer.provide(FetchHttpClient.layer)
  )
}

const layer: Layer.Layer<HttpClient.HttpClient, never, AuthorizedClient> = Layer.unwrap(
  Effect.map(AuthorizedClient, layerKeep)
)

/**
 * Effect's own `HttpClient` with the token on every request: `layer` uses the services of the Effect API, `layerKeep` a
 * client of the promise API. A path is resolved against the provider's base URL.
 *
 * The token is added below the client, so that no `HttpClientRequest`, response or error contains it. A
 * `TokenkeepError` is the `cause` of a `TransportError`. Effect's `http` modules are unstable, and so is this one: it may
 * change in a minor release.
 *
 * @example
 * ```ts
 * import { AuthorizedHttpClient } from "@tokenkeep/core/unstable-http"
 * import { Deeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 * import * as HttpClient from "effect/http/HttpClient"
 * import * as Layer from "effect/Layer"
 *
 * await using server = await startFakeDeeply()
 * const deeply = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * const http = AuthorizedHttpClient.layer.pipe(Layer.provide(deeply))
 * const program = Effect.flatMap(HttpClient.get("/api/v1/mics"), (response) => Effect.succeed(response.status))
 * console.log(await Effect.runPromise(Effect.provide(program, http))) // => 200
 * ```
 */
export const AuthorizedHttpClient = { layer, layerKeep }
