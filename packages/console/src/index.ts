export { type ConsoleFeed, type ConsoleFeedOptions, formatMessage, makeConsoleFeed } from "./ConsoleFeed.ts"
export { type ConsolePage, consolePage } from "./consolePage.ts"
export type * from "./messages.ts"
