// Fetches a token that is shared through files: node shareToken.mjs DIST HOST KEY DIRECTORY
const [dist, host, apiKey, directory] = process.argv.slice(2)
const { createDeeply } = await import(`${dist}index.js`)
const { FileStorage } = await import(`${dist}file.js`)
const deeply = createDeeply({ host, apiKey, storage: FileStorage.layer({ directory }) })
const tokens = await Promise.all(Array.from({ length: 50 }, () => deeply.token()))
const { status } = await deeply.fetch("/api/v1/events")
console.log(JSON.stringify({ ids: [...new Set(tokens.map(({ id }) => id))], status, storage: deeply.status().storage }))
await deeply.dispose()
