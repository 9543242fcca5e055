type JsonObject = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null

/** Parses JSON; `undefined` if the text is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Reads the `detail` object of a documented error body, `{"detail": {…}}`; `undefined` for any other body, such as the
 * HTML page of a proxy or a login portal.
 */
export const errorDetail = (text: string): JsonObject | undefined => {
  const body = parseJson(text)
  return isJsonObject(body) && isJsonObject(body["detail"]) ? body["detail"] : undefined
}

/** Reads the API's own error message; not checked to be a string. */
export const errorMessage = (text: string): unknown => errorDetail(text)?.["message"]
