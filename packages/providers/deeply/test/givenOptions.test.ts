import { runInNewContext } from "node:vm"
import { createFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "@tokenkeep/deeply/testing"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"
import { typedApis } from "./support/typedClients.ts"

describe("the options of the fake server", () => {
  it("may be an instance of a class, with getters and inherited members", async () => {
    class Base {
      get apiKey() {
        return "key-of-a-getter"
      }
    }
    class Options extends Base implements StartFakeDeeplyOptions {
      get port() {
        return 0
      }
      get events() {
        return 3
      }
    }
    await using server = await startFakeDeeply(new Options())
    expect(server.apiKey).toBe("key-of-a-getter")
    expect((await clientOf(server).events.list()).total_cnt).toBe(3)
  })

  it("the bytes of a fault may be of another realm", async () => {
    const fake = createFakeDeeply()
    fake.script([{ status: 200, body: runInNewContext("Uint8Array.of(104, 105)") as Uint8Array<ArrayBuffer> }])
    expect(await (await fake.handle(new Request("http://fake/x"))).text()).toBe("hi")
  })
})

class Recent {
  get size() {
    return 2
  }
  get label_id() {
    return ["crying"]
  }
}

class RecentOfOneMic extends Recent {
  readonly mic_id = "mic-1"
}

describe.each(typedApis)("the arguments of a call, with the $api API", ({ open }) => {
  it("may be an instance of a class, with getters and inherited members", async () => {
    const server = await fakeServer()
    await open(server).list("events", new RecentOfOneMic())
    await open(server).take("events", 1, new Recent())
    const sent = server.stats.log.filter(({ path }) => path.includes("?")).map(({ path }) => path.split("?")[1])
    expect(sent).toEqual(["page=1&size=2&mic_id=mic-1&label_id=crying", "page=1&size=2&label_id=crying"])
  })

  it("may have a date of another realm", async () => {
    const server = await fakeServer()
    await open(server).list("events", { start: runInNewContext("new Date(0)"), end: new Date(1) })
    expect(server.stats.log.at(-1)?.path).toContain("start=1970-01-01T00%3A00%3A00.000Z&end=1970")
  })
})

describe("the options of a call", () => {
  it("may be an instance of a class: its signal is read", async () => {
    const server = await fakeServer()
    class Options {
      get signal() {
        return AbortSignal.abort("stopped")
      }
    }
    const { events } = clientOf(server)
    const calls = [events.list({}, new Options()), events.get("event-1", new Options())]
    for (const call of calls) expect(await rejection(call)).toBe("stopped")
    expect(await rejection(events.all({}, new Options())[Symbol.asyncIterator]().next())).toBe("stopped")
  })
})
