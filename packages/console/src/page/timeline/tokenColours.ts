/** The number of colours in page.css. */
const colours = 5

/** Gives each token a colour, so that tokens that follow each other differ. */
export const makeTokenColours = () => {
  const indexes = new Map<string, number>()
  let next = 0
  return (token: string): number => {
    const known = indexes.get(token)
    if (known !== undefined) return known
    const index = next
    next = (next + 1) % colours
    indexes.set(token, index)
    return index
  }
}

export type TokenColours = ReturnType<typeof makeTokenColours>

/** A token's id as the page shows it: enough to tell tokens apart. */
export const shortId = (token: string): string => token.slice(0, 6)
