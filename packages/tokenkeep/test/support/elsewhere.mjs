// A program for a runtime that has fetch and nothing of Node: node elsewhere.mjs DIST HOST KEY
const [dist, host, apiKey] = process.argv.slice(2)
const { createDeeply, FileStorage } = await import(`${dist}index.js`)
const { createFakeDeeply } = await import(`${dist}testing.js`)
const deeply = createDeeply({ host, apiKey })
const files = createDeeply({ host, apiKey, storage: FileStorage.layer({ directory: "/tmp" }) })
const { code, message } = await files.token().catch((error) => error)
const { status } = await deeply.fetch("/api/v1/events")
console.log(
  JSON.stringify({
    status,
    listed: (await deeply.mics.list()).page,
    fake: typeof createFakeDeeply().handle,
    code,
    message
  })
)
