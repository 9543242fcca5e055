import { slug } from "github-slugger"
import { defineConfig } from "vitepress"
import { linkGuarantees } from "../src/guarantees.ts"
import { sidebar } from "../src/sidebar.ts"

const key =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#14856e" stroke-width="4">' +
  '<circle cx="10" cy="16" r="7"/><path d="M17 16h13v7M24 16v5"/></svg>'

export default defineConfig({
  title: "Tokenkeep",
  description:
    "Turns a long-lived API key into short-lived access tokens, puts one on every request, and renews it in time",
  lang: "en",
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(key)}` }]],
  srcDir: "pages",
  outDir: "dist",
  markdown: {
    // The same anchors as on GitHub.
    anchor: { slugify: slug },
    config: linkGuarantees
  },
  // The search index is one file, which is loaded with the first search.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // A search for a term should find its explanation before a property of that name.
          searchOptions: { boostDocument: (id: string) => (id.startsWith("/api/") ? 0.1 : 1) }
        }
      }
    },
    nav: [
      { text: "Guide", link: "/getting-started", activeMatch: "^/(?!api/|errors)." },
      { text: "Errors", link: "/errors" },
      { text: "API reference", link: "/api/", activeMatch: "^/api/" }
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    externalLinkIcon: true
  }
})
