import { slug } from "github-slugger"
import { defineConfig } from "vitepress"
import { sidebar } from "../src/sidebar.ts"

export default defineConfig({
  title: "Tokenkeep",
  description: "Turns a long-lived API key into an access token that is always fresh, and puts it on every request",
  srcDir: "pages",
  outDir: "dist",
  // The same anchors as where the pages are read in the repository.
  markdown: { anchor: { slugify: slug } },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Guide", link: "/getting-started" },
      { text: "Errors", link: "/errors" },
      { text: "Reference", link: "/api/" }
    ],
    sidebar: sidebar(),
    outline: [2, 3]
  }
})
