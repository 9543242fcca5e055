import { hex } from "./hex.ts"

/** 128 random bits as hexadecimal digits: a unique public id for a token or client. */
export const randomId = (): string => hex(crypto.getRandomValues(new Uint8Array(16)))
