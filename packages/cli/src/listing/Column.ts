/** One column of a listing, for tables and CSV. */
export interface Column<Item> {
  readonly name: string
  readonly of: (item: Item) => string | number
}
