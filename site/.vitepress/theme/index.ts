import { inBrowser, onContentUpdated, type Theme, useRouter } from "vitepress"
import DefaultTheme from "vitepress/theme"
import { highlightLinked } from "./outline.ts"
import "./style.css"
import { openChosenTabs, rememberTabs } from "./tabs.ts"

export default {
  extends: DefaultTheme,
  setup() {
    if (!inBrowser) return
    rememberTabs()
    useRouter().onAfterRouteChange = highlightLinked
    onContentUpdated(() => {
      openChosenTabs()
      highlightLinked()
    })
  }
} satisfies Theme
