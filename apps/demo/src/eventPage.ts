/** The fields of a page of events that the demo prints. */
export interface EventPage {
  readonly total_cnt: number
  readonly results: ReadonlyArray<{
    readonly id: string
    readonly label: { readonly name: { readonly en: string } }
    readonly confidence: number
    readonly mic: { readonly name: string }
  }>
}

/** One line per event, in columns. */
export const rows = (page: EventPage): ReadonlyArray<string> =>
  page.results.map(({ confidence, id, label, mic }) =>
    [id.padEnd(10), label.name.en.padEnd(26), confidence.toFixed(2), ` ${mic.name}`].join(" ").trimEnd()
  )
