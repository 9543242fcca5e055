// An HTTP service made of Effect layers. Without DEEPLY_API_KEY it uses a fake API.
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import { deeplyLayer } from "./deeply.ts"
import { routes } from "./routes.ts"
import { teardown } from "./teardown.ts"
import { telemetry } from "./telemetry.ts"

const server = NodeHttpServer.layerConfig(createServer, {
  host: Config.succeed("127.0.0.1"),
  port: Config.Int("PORT").pipe(Config.withDefault(8080)),
  // How long open requests may take after SIGTERM.
  gracefulShutdownTimeout: Config.succeed("20 seconds")
})

// Layers are closed in reverse order: first the routes and the server, then the client, and the telemetry last.
const main = HttpRouter.serve(routes).pipe(Layer.provide([server, deeplyLayer]), Layer.provide(telemetry))

NodeRuntime.runMain(Layer.launch(main).pipe(Effect.onInterrupt(() => Effect.log("stopped"))), { teardown })
