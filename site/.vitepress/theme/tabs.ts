const stored = "tokenkeep:tabs"

/** The titles of the tabs that the reader chose, the last one first. */
const chosen = (): ReadonlyArray<string> => JSON.parse(localStorage.getItem(stored) ?? "[]") as ReadonlyArray<string>

const titleOf = ({ nextElementSibling }: Element): string | null =>
  nextElementSibling?.getAttribute("data-title") ?? null

let opening = false

/** Opens in each group of tabs the one that the reader chose last, here or on an earlier page. */
export const openChosenTabs = (): void => {
  opening = true
  for (const group of document.querySelectorAll(".vp-code-group")) {
    const tabs = [...group.querySelectorAll("input")]
    const tab = chosen().flatMap((title) => tabs.find((input) => titleOf(input) === title) ?? [])[0]
    if (tab?.checked === false) tab.click()
  }
  opening = false
}

/** Remembers a tab that the reader opens, and opens it in the other groups. */
export const rememberTabs = (): void =>
  addEventListener("change", ({ target }) => {
    if (opening || !(target instanceof Element) || !target.matches(".vp-code-group input")) return
    const title = titleOf(target)
    const { top } = target.parentElement!.getBoundingClientRect()
    localStorage.setItem(stored, JSON.stringify([title, ...chosen().filter((other) => other !== title)]))
    openChosenTabs()
    // Groups above may have become longer or shorter.
    scrollBy(0, target.parentElement!.getBoundingClientRect().top - top)
  })
