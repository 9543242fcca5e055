import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type * as Testing from "../../packages/providers/deeply/src/testing/index.ts"
import { App, type Runtimes } from "./App.ts"

/** Where the apps are installed, and what they are run with. */
export class Stage {
  readonly directory: string
  readonly #runtimes: Runtimes

  constructor(directory: string, runtimes: Runtimes) {
    this.directory = directory
    this.#runtimes = runtimes
  }

  app(name: string): App {
    return new App(join(this.directory, name), this.#runtimes)
  }

  /** A fake server of the installed package, for apps that are told by their environment where the API is. */
  async server(options: Testing.StartFakeDeeplyOptions = {}): Promise<Testing.RunningFakeDeeply> {
    const { resolve } = createRequire(join(this.directory, "package.json"))
    const module = pathToFileURL(resolve("@tokenkeep/deeply/testing")).href
    const { startFakeDeeply } = (await import(module)) as typeof Testing
    return startFakeDeeply(options)
  }
}

/** What an app's environment has to say to reach a server. */
export const reaching = ({ apiKey, url }: Testing.RunningFakeDeeply): Readonly<Record<string, string>> => ({
  DEEPLY_API_KEY: apiKey,
  DEEPLY_HOST: url
})
