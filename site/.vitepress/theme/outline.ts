const byReader = ["wheel", "touchmove", "keydown", "pointerdown"]

const highlight = (): void => {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".VPDocAsideOutline a")]
  // Links from outside name an error by its code, which has the anchor of its heading in upper case.
  const linked = links.find(({ hash }) => hash !== "" && hash === location.hash.toLowerCase())
  // The default theme highlights a link that is clicked. An event that no mouse caused leaves the page where it is.
  linked?.dispatchEvent(new Event("click", { bubbles: true }))
}

let previous = new AbortController()

/**
 * Highlights the section that the address names in the list "On this page", until the reader scrolls. The default theme
 * highlights by position, and so another section if this one is too near to the end to be scrolled to the top.
 */
export const highlightLinked = (): void => {
  previous.abort()
  const reading = (previous = new AbortController())
  const { signal } = reading
  let timer: ReturnType<typeof setTimeout>
  // After the default theme, which waits for 100 ms.
  const settle = (): void => {
    clearTimeout(timer)
    timer = setTimeout(highlight, 200)
  }
  signal.addEventListener("abort", () => clearTimeout(timer))
  addEventListener("scroll", settle, { signal })
  for (const event of byReader) addEventListener(event, () => reading.abort(), { signal })
  settle()
}
