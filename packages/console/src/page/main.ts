// The script of the page: reads the messages, and draws the picture of what they say.
import type { ConsoleMessage } from "../messages.ts"
import { connect } from "./connect.ts"
import { makeControls } from "./controls.ts"
import { byId, setText } from "./element.ts"
import { makeEventList } from "./eventList.ts"
import { drawHeadline } from "./headline.ts"
import { lanesIn } from "./timeline/lanes.ts"
import { Picture } from "./Picture.ts"
import { makeTables } from "./tables.ts"
import { makeTimeline } from "./timeline/timeline.ts"
import { makeTokenColours } from "./timeline/tokenColours.ts"

/** A source sends a message at least every 15 seconds. */
const longestSilence = 20_000
const retryEvery = 2_000

const picture = new Picture()
const timeline = makeTimeline(makeTokenColours())
const drawControls = makeControls()
const drawTables = makeTables()
const drawEvents = makeEventList()
const still = matchMedia("(prefers-reduced-motion: reduce)")

let isConnected = false
let isPaused = false
let isChanged = true
/** The clock of the source minus the clock of this page, in milliseconds. */
let offset = 0
let lastMessage = 0
let lastRetry = 0
let lastDraw = 0
let lastMove = 0

/** Not with each message: the time that a message is under way differs, and the picture would tremble. */
const setClock = (message: ConsoleMessage): void => {
  if (message.type !== "state" && message.type !== "counts") return
  const next = message.at - performance.now()
  // Clocks drift apart while a computer sleeps.
  if (message.type === "state" || Math.abs(next - offset) > 2_000) offset = next
}

const source = connect({
  message: (message) => {
    setClock(message)
    isConnected = true
    lastMessage = performance.now()
    picture.apply(message)
    isChanged = true
  },
  lost: () => {
    isConnected = false
  }
})

const drawStatus = (): void => {
  const isSilent = performance.now() - lastMessage > longestSilence
  const status = byId("status")
  const text =
    isConnected && !isSilent ? (isPaused ? "Paused" : "Live") : lastMessage === 0 ? "Connecting" : "Reconnecting"
  setText(status, text)
  status.className = text.toLowerCase()
}

const draw = (now: number): void => {
  picture.forget(now)
  const lanes = lanesIn(picture)
  drawHeadline(picture, lanes, now)
  timeline.draw(picture, lanes, now)
  drawControls(picture.controls)
  drawTables(picture, lanes, now)
  drawEvents(picture)
  document.body.classList.toggle("is-ready", lastMessage > 0)
}

const frame = (at: number): void => {
  requestAnimationFrame(frame)
  if (!isConnected && at - lastRetry > retryEvery) {
    lastRetry = at
    source.retry()
  }
  drawStatus()
  if (isPaused) return
  const now = at + offset
  if (isChanged || at - lastDraw > 1_000) {
    lastDraw = at
    isChanged = false
    draw(now)
    timeline.move(now)
  }
  // Half a pixel at a time is smooth, and less work than every frame.
  const least = still.matches ? 1_000 : picture.window / 2_000
  if (at - lastMove < least) return
  lastMove = at
  timeline.move(now)
}

const pause = byId("pause")
pause.addEventListener("click", () => {
  isPaused = !isPaused
  pause.setAttribute("aria-pressed", String(isPaused))
})
addEventListener("resize", () => void (isChanged = true))
requestAnimationFrame(frame)
