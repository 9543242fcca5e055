// Uses the client and the fake server: node withFetchOnly.mjs DIST HOST KEY
const [dist, host, apiKey] = process.argv.slice(2)
const { createDeeply } = await import(`${dist}index.js`)
const { createFakeDeeply } = await import(`${dist}testing.js`)
const deeply = createDeeply({ host, apiKey })
const { status } = await deeply.fetch("/api/v1/events")
const { page } = await deeply.mics.list()
console.log(JSON.stringify({ status, page, fake: typeof createFakeDeeply().handle }))
