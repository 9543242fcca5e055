import { hex } from "./hex.ts"

/** 128 random bits as hexadecimal digits: a public name that no two tokens or clients share. */
export const randomId = (): string => hex(crypto.getRandomValues(new Uint8Array(16)))
