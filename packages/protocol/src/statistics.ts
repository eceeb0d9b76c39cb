import { z } from 'zod'
import { packValue, unpackValue } from './codec.js'
import { defineCheck } from './door-check.js'
import { limits } from './limits.js'
import { countSchema, idSchema, statisticsBytesSchema } from './schemas.js'

/**
 * Units that make one: counters and histograms count in thousandths, as whole numbers, so that sums are the same in
 * whatever order they are made.
 */
export const statisticsUnits = 1_000

const namesSchema = z.array(idSchema).max(limits.statisticsNamesMax)

/** One window of an attempt: its number, and what each name came to. The first value of each is the place of the name. */
const windowSchema = z.tuple([
  countSchema,
  /** Counters: units. */
  z.array(z.tuple([countSchema, countSchema])),
  /** Gauges: the value that was set last, and when, in milliseconds of the wall clock. */
  z.array(z.tuple([countSchema, z.number(), z.number()])),
  /** Histograms: sum, least and largest in units, then each bucket as its distance from the one before, and its count. */
  z.array(z.tuple([countSchema, countSchema, countSchema, countSchema, z.array(countSchema)])),
])
/** One window of an attempt. Its number times the length of a window is when it began. */
export type StatisticsWindowRow = z.infer<typeof windowSchema>

const statisticsSchema = z.object({
  windowMs: z.number().int().min(1),
  counters: namesSchema,
  gauges: namesSchema,
  histograms: namesSchema,
  /** Each packed by itself. One that stands there twice counts with both parts. */
  windows: z.array(statisticsBytesSchema).max(limits.statisticsWindowsMax),
})
/** What an attempt has kept of statistics. */
export type AttemptStatistics = z.infer<typeof statisticsSchema>

const checkStatistics = defineCheck('statistics', statisticsSchema)
const checkWindow = defineCheck('statistics.window', windowSchema)

/** What an attempt has kept, as the bytes that go with its ending word. */
export const packStatistics = (statistics: AttemptStatistics): Uint8Array => packValue(statistics)

/** Reads what {@link packStatistics} wrote. Throws `invalid_message`. */
export const unpackStatistics = (bytes: Uint8Array): AttemptStatistics => checkStatistics(unpackValue(bytes))

/** One window as it stands in {@link AttemptStatistics}. */
export const packWindow = (row: StatisticsWindowRow): Uint8Array => packValue(row)

/** Reads what {@link packWindow} wrote. Throws `invalid_message`. */
export const unpackWindow = (bytes: Uint8Array): StatisticsWindowRow => checkWindow(unpackValue(bytes))
