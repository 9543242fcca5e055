// The suites that need none of Node's modules, bundled to one file for workerd and for a page.
import { deeply } from "./deeply.js"
import { oauth2 } from "./oauth2.js"
import { lifeInMemory, memory } from "./memory.js"

const suites = { deeply, lifeInMemory, memory, oauth2 }

/** Called in a page by the test. */
globalThis.runSuite = (name, settings) => suites[name](settings)

/** Called by workerd, which does nothing outside of a request. */
export default {
  async fetch(request) {
    const { settings, suite } = await request.json()
    return Response.json(await suites[suite](settings))
  }
}
