/** The secret that `tokenkeep login` stored under this name. */
export const storedSecret = async (_name: string): Promise<string | undefined> => undefined
