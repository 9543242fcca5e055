import { run } from "./portable.js"

/** For workerd, which does nothing outside of a request. */
export default {
  async fetch(request) {
    const { settings, suite } = await request.json()
    return Response.json(await run(suite, settings))
  }
}
