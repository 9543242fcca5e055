import { slug } from "github-slugger"
import { defineConfig, postcssIsolateStyles } from "vitepress"
import { linkGuarantees } from "../src/guarantees.ts"
import { sidebar } from "../src/sidebar.ts"

const key =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#14856e" stroke-width="4">' +
  '<circle cx="10" cy="16" r="7"/><path d="M17 16h13v7M24 16v5"/></svg>'

const weightOf = (id: string): number =>
  id.startsWith("/api/")
    ? 0.1
    : /^\/(decisions|examples|packages)\/|^\/(contributing|introduction|overview)\b/.test(id)
      ? 0.4
      : 1

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
  vite: {
    // The search index is one file, which is loaded with the first search.
    build: { chunkSizeWarningLimit: 2_000 },
    // A component in a page keeps its own styles, if it has the class vp-raw.
    css: { postcss: { plugins: [postcssIsolateStyles({ includeFiles: [/vp-doc\.css/] })] } }
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // A search for a term should find its explanation before a sample, a decision, or a property of that name.
          searchOptions: { boostDocument: weightOf }
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
    notFound: {
      title: "Page not found",
      quote: "This page does not exist, or it has moved. Search for it above, or look for it in the list of all pages.",
      link: "/overview.html",
      linkText: "All pages",
      linkLabel: "All pages"
    },
    externalLinkIcon: true
  }
})
