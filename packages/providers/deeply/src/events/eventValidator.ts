import { dateTime, nonEmptyString, numberBetween, object, string, type Validator } from "../validation/Validator.ts"
import type { DeeplyEvent, DeeplyLocation } from "./DeeplyEvent.ts"

export const locationValidator: Validator<DeeplyLocation> = object<DeeplyLocation>({
  latitude: numberBetween(-90, 90),
  longitude: numberBetween(-180, 180)
})

export const eventValidator: Validator<DeeplyEvent> = object<DeeplyEvent>({
  id: nonEmptyString,
  label: object<DeeplyEvent["label"]>({
    id: nonEmptyString,
    name: object<DeeplyEvent["label"]["name"]>({ ko: string, en: string })
  }),
  confidence: numberBetween(0, 1),
  mic: object<DeeplyEvent["mic"]>({ id: nonEmptyString, name: string, location: locationValidator }),
  created_at: dateTime,
  updated_at: dateTime
})
