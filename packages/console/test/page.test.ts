import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { renderPage } from "../build.ts"
import { consolePage } from "../src/index.ts"

it("the page is the one that its sources describe", async () => {
  // If it differs: pnpm --filter console-page run render
  expect(consolePage()).toEqual(await renderPage())
})

it("the policy allows this script, this style, and nothing else", () => {
  const { contentSecurityPolicy, html } = consolePage()
  const hashOf = (text = "") => `'sha256-${createHash("sha256").update(text).digest("base64")}'`
  const [, script] = /<script type="module">([^]*?)<\/script>/.exec(html) ?? []
  const [, style] = /<style>([^]*?)<\/style>/.exec(html) ?? []
  expect(contentSecurityPolicy).toContain(`script-src ${hashOf(script)};`)
  expect(contentSecurityPolicy).toContain(`style-src ${hashOf(style)};`)
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:/)
  expect(html).not.toMatch(/ style=| on\w+=/)
})
