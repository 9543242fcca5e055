import { describe, expect, it } from "vitest"
import { printed } from "./support/parse.ts"

describe("an option that is a number", () => {
  it.each([
    ["events", "--limit", "2.5", "It must be a whole number of events from 1 to 1000000000."],
    ["events", "--limit", "0", "from 1 to"],
    ["events", "--limit", "0x10", "from 1 to"],
    ["events", "--limit", "1e3", "from 1 to"],
    ["events", "--interval", "3000000", "It must be a number of seconds from 1 to 86400."],
    ["events", "--interval", "0.5", "from 1 to"],
    ["serve", "--timeout", "3000000", "from 0.001 to 86400"],
    ["serve", "--grace", "Infinity", "from 0 to 86400"],
    ["serve", "--replay-body-limit", "1.5", "whole number of bytes from 0 to 1073741824"],
    ["serve", "--replay-body-limit", "99999999999", "from 0 to"],
    ["fake", "--lifetime", "99999999999", "from 0.001 to 31536000"]
  ])("%s %s %s is refused: %s", async (command, option, value, why) => {
    const { code, text } = await printed([command, option, value])
    expect(code).toBe(2)
    expect(text).toContain(why)
  })
})
