// Serves what a Deeply API heard: the fake one, or a real one where DEEPLY_API_KEY is set.
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import { connection } from "./connection.ts"
import { routes } from "./routes.ts"
import { teardown } from "./teardown.ts"
import { telemetry } from "./telemetry.ts"

// Requests under way get this long after SIGTERM.
const server = NodeHttpServer.layerConfig(createServer, {
  host: Config.succeed("127.0.0.1"),
  port: Config.Int("PORT").pipe(Config.withDefault(8080)),
  gracefulShutdownTimeout: Config.succeed("20 seconds")
})

// What is named last is ended last: first no more requests, then the client, then what is left of the telemetry.
const main = HttpRouter.serve(routes).pipe(Layer.provide([server, connection]), Layer.provide(telemetry))

NodeRuntime.runMain(Layer.launch(main).pipe(Effect.onInterrupt(() => Effect.log("stopped"))), { teardown })
