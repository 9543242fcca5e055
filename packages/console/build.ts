// Writes src/page.json: the page with its script and style, and the policy that allows exactly these two. The file is in
// the repository, so that the page needs no build, neither from sources nor in a bundle. A test compares it.
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import type { ConsolePage } from "./src/consolePage.ts"

const sources = join(import.meta.dirname, "src/page")
const target = join(import.meta.dirname, "src/page.json")

const bundle = async (): Promise<string> => {
  await using build = await rolldown({
    input: join(sources, "main.ts"),
    platform: "browser",
    // `type: "module"` of the script has no other scope, and no export.
    treeshake: true
  })
  const { output } = await build.generate({ format: "es", minify: true, comments: false })
  return output[0].code.trim()
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** The page as it is made from its sources. */
export const renderPage = async (): Promise<ConsolePage> => {
  const script = await bundle()
  const style = readFileSync(join(sources, "page.css"), "utf8").replaceAll(/\s+/g, " ").trim()
  const html = readFileSync(join(sources, "page.html"), "utf8")
    // As functions: a replacement string would give `$` a meaning.
    .replace(/<style>[^<]*<\/style>/, () => `<style>${style}</style>`)
    .replace(/<script type="module">[^<]*<\/script>/, () => `<script type="module">${script}</script>`)
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
  return { html, contentSecurityPolicy }
}

if (import.meta.main) writeFileSync(target, `${JSON.stringify(await renderPage(), undefined, 2)}\n`)
