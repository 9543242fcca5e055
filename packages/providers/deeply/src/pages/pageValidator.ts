import { array, count, object, type Validator } from "../validation/Validator.ts"
import type { Page } from "./Page.ts"

export const pageValidator = <Item>(item: Validator<Item>): Validator<Page<Item>> =>
  object({ page: count, size: count, total_cnt: count, max_page: count, results: array(item) })
