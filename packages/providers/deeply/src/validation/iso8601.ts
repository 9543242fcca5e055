/** Matches a date, or a date and a time, in the extended format of ISO 8601; runs in linear time. */
export const iso8601 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/i
