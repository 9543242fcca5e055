/** Says what differs where a check fails. */
export const is = (what: string, found: unknown, expected: unknown): void => {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`${what}: it is ${one}, and should be ${other}`)
}

export const holds = (text: string, ...parts: ReadonlyArray<string>): void => {
  for (const part of parts) if (!text.includes(part)) throw new Error(`there is no ${part} in\n${text}`)
}

export const holdsNot = (text: string, ...parts: ReadonlyArray<string>): void => {
  for (const part of parts) if (text.includes(part)) throw new Error(`there is ${part} in\n${text}`)
}
