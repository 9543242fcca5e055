import { locationValidator } from "../events/eventValidator.ts"
import {
  dateTime,
  nonEmptyString,
  numberBetween,
  object,
  oneOf,
  record,
  string,
  type Validator
} from "../validation/Validator.ts"
import type { DeeplyMic } from "./DeeplyMic.ts"

export const micValidator: Validator<DeeplyMic> = object<DeeplyMic>({
  id: nonEmptyString,
  name: string,
  host: string,
  edge_id: string,
  status: oneOf("active", "inactive"),
  thresholds: record(numberBetween(0, 1)),
  location: locationValidator,
  created_at: dateTime,
  updated_at: dateTime
})
