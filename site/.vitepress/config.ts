import { slug } from "github-slugger"
import { defineConfig } from "vitepress"
import { linkPromises } from "../src/promises.ts"
import { sidebar } from "../src/sidebar.ts"

const key =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#14856e" stroke-width="4">' +
  '<circle cx="10" cy="16" r="7"/><path d="M17 16h13v7M24 16v5"/></svg>'

export default defineConfig({
  title: "Tokenkeep",
  description: "Turns a long-lived API key into an access token that is always fresh, and puts it on every request",
  lang: "en",
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(key)}` }]],
  srcDir: "pages",
  outDir: "dist",
  markdown: {
    // The same anchors as where the pages are read in the repository.
    anchor: { slugify: slug },
    config: linkPromises
  },
  // The index of the search is one file, fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // Somebody who searches for a word wants it explained before they want a property of that name.
          searchOptions: { boostDocument: (id: string) => (id.startsWith("/api/") ? 0.1 : 1) }
        }
      }
    },
    nav: [
      { text: "Guide", link: "/getting-started", activeMatch: "^/(?!api/|errors)." },
      { text: "Errors", link: "/errors" },
      { text: "Reference", link: "/api/", activeMatch: "^/api/" }
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    externalLinkIcon: true
  }
})
