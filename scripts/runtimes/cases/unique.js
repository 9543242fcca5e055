let made = 0

/** A name that nothing else of this process has. */
export const unique = (name) => `${name}-${(made += 1)}`
