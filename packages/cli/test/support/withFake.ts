import { startFakeDeeply, type StartFakeDeeplyOptions } from "@tokenkeep/deeply/testing"
import { temporaryHome } from "./startCli.ts"

/** A fake Deeply API, and the options of a command that uses it. */
export const withFake = async (options: StartFakeDeeplyOptions = { rateLimits: false, jwt: true }) => {
  const fake = await startFakeDeeply(options)
  const home = temporaryHome()
  return {
    fake,
    options: { home: home.path, env: { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url } },
    [Symbol.asyncDispose]: async () => {
      await fake.close()
      home[Symbol.dispose]()
    }
  }
}
