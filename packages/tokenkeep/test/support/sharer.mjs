// A process that wants a token of the bundle, and keeps it in files: node sharer.mjs BUNDLE HOST KEY DIRECTORY
const [bundle, host, apiKey, directory] = process.argv.slice(2)
const { createDeeply, FileStorage } = await import(bundle)
const deeply = createDeeply({ host, apiKey, storage: FileStorage.layer({ directory }) })
const tokens = await Promise.all(Array.from({ length: 50 }, () => deeply.token()))
const { status } = await deeply.fetch("/api/v1/events")
console.log(JSON.stringify({ ids: [...new Set(tokens.map(({ id }) => id))], status, storage: deeply.status().storage }))
await deeply.dispose()
