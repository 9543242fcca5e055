/** A token whose payload is that text, signed by nobody. */
export const jwt = (payload: string): string =>
  [JSON.stringify({ alg: "none" }), payload, "signature"]
    .map((part) => Buffer.from(part, "utf8").toString("base64url"))
    .join(".")

/** A JWT of these claims. */
export const jwtOf = (claims: object): string => jwt(JSON.stringify(claims))
