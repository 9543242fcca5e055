import { createHash } from "node:crypto"

/** What stands for a refresh token in logs. */
export const digestOf = (token: string): string => createHash("sha256").update(token).digest("hex").slice(0, 16)
