import { CoveyError, isId, limits, packStatistics, packWindow, statisticsUnits } from '@covey/protocol'
import { OpenWindow } from './open-window.js'

/** A sum: what is added counts once, whatever becomes of the attempt's worker. */
export interface Counter {
  /** Adds a number from 0, to a thousandth. Default: 1. Throws `invalid_options`, `too_large`. */
  add(count?: number): void
}

/** A value that changes: the one that was set last counts. */
export interface Gauge {
  /** Sets any finite number. Throws `invalid_options`, `too_large`. */
  set(value: number): void
}

/** Many values: how many they are, their sum, the least, the largest and percentiles. */
export interface Histogram {
  /** Records a number from 0 to 10^12, to a thousandth; percentiles are exact to one in a hundred. Throws `invalid_options`, `too_large`. */
  record(value: number): void
}

/**
 * What a function counts with, each by a name of 1 to 64 of `A-Z a-z 0-9 _ -`. A sample belongs to the window of 10 s of the
 * worker's wall clock in which it is made. What the attempt that ends its workflow has counted, counts; no other does. An
 * attempt keeps at most 64 names, 4,320 windows and 128 KiB: more is refused with `too_large`.
 */
export interface Statistics {
  counter(name: string): Counter
  gauge(name: string): Gauge
  histogram(name: string): Histogram
}

type Kind = 'counters' | 'gauges' | 'histograms'

/** Room for the names of the fields and the lengths of the lists, beside names and windows. */
const overheadBytes = 64
/** What stands before a text or bytes to say how long they are. */
const lengthBytes = 5

function refuse(message: string, mend: string): never {
  throw new CoveyError('invalid_options', message, { mend })
}

const tooLarge = (what: string): never => {
  throw new CoveyError('too_large', `the statistics of one attempt: ${what}`, {
    mend: 'keep fewer names, record values that differ less, or do the work in several steps',
  })
}

const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : `a ${typeof value}`)

/** A number as whole units. Functions without types may pass anything. */
function unitsOf(call: string, value: unknown, max: number): number {
  const units = typeof value === 'number' ? Math.round(value * statisticsUnits) : Number.NaN
  return units >= 0 && units <= max * statisticsUnits
    ? units
    : refuse(`${call}: ${shown(value)} is no number from 0 to ${max}`, 'a gauge takes any finite number')
}

const counterMax = Math.floor(Number.MAX_SAFE_INTEGER / statisticsUnits)

/** What the function of one attempt counts, window by window, until it is closed. */
export class StatisticsRecorder implements Statistics {
  readonly #wallNow: () => number
  readonly #onSample: () => void
  readonly #names: Readonly<Record<Kind, Map<string, number>>> = {
    counters: new Map(),
    gauges: new Map(),
    histograms: new Map(),
  }
  /** Windows that are over, packed: where the clock goes back one may be among them twice. */
  readonly #closed: Uint8Array[] = []
  #open: OpenWindow | undefined
  #closedBytes = overheadBytes
  #isOver = false

  /**
   * @param wallNow the wall clock in milliseconds
   * @param onSample is told after each sample
   */
  constructor(wallNow: () => number, onSample: () => void) {
    this.#wallNow = wallNow
    this.#onSample = onSample
  }

  counter(name: string): Counter {
    const place = this.#placeOf('counters', name)
    return { add: (count = 1) => this.#add(name, place, count) }
  }

  gauge(name: string): Gauge {
    const place = this.#placeOf('gauges', name)
    return { set: (value) => this.#set(name, place, value) }
  }

  histogram(name: string): Histogram {
    const place = this.#placeOf('histograms', name)
    return { record: (value) => this.#record(name, place, value) }
  }

  /** All that has been counted so far. */
  pack(): Uint8Array {
    const { counters, gauges, histograms } = this.#names
    const open = this.#open === undefined ? [] : [packWindow(this.#open.row())]
    return packStatistics({
      windowMs: limits.statisticsWindowMs,
      ...{ counters: [...counters.keys()], gauges: [...gauges.keys()], histograms: [...histograms.keys()] },
      windows: [...this.#closed, ...open],
    })
  }

  /** Takes no more, and hands over what was counted; `undefined` where that is nothing. */
  close(): Uint8Array | undefined {
    this.#isOver = true
    return this.#open === undefined ? undefined : this.pack()
  }

  #add(name: string, place: number, count: unknown): void {
    const units = unitsOf(`counter ${name}`, count, counterMax)
    this.#sample((open, room) => {
      if (open.unitsOf(place) + units > Number.MAX_SAFE_INTEGER)
        tooLarge(`counter ${name} is over ${counterMax}`)
      return open.add(place, units, room)
    })
  }

  #set(name: string, place: number, value: unknown): void {
    if (typeof value !== 'number' || !Number.isFinite(value))
      refuse(`gauge ${name}: ${shown(value)} is no finite number`, 'set a number')
    this.#sample((open, room, nowMs) => open.set(place, value, nowMs, room))
  }

  #record(name: string, place: number, value: unknown): void {
    const units = unitsOf(`histogram ${name}`, value, limits.histogramValueMax)
    this.#sample((open, room) => {
      if (open.sumOf(place) + units > Number.MAX_SAFE_INTEGER)
        tooLarge(`the sum of histogram ${name} is over ${counterMax}`)
      return open.record(place, units, room)
    })
  }

  /** What comes after the function has returned belongs to no attempt. */
  #sample(take: (open: OpenWindow, room: number, nowMs: number) => boolean): void {
    if (this.#isOver) return
    const nowMs = this.#wallNow()
    const open = this.#windowOf(Math.floor(nowMs / limits.statisticsWindowMs))
    if (!take(open, limits.statisticsBytesMax - this.#closedBytes, nowMs))
      tooLarge(`more than ${limits.statisticsBytesMax} bytes`)
    this.#onSample()
  }

  #windowOf(index: number): OpenWindow {
    const open = this.#open
    if (open?.index === index) return open
    if (open !== undefined) {
      if (this.#closed.length + 2 > limits.statisticsWindowsMax)
        tooLarge(`more than ${limits.statisticsWindowsMax} windows`)
      const packed = packWindow(open.row())
      this.#closed.push(packed)
      this.#closedBytes += packed.byteLength + lengthBytes
    }
    this.#open = new OpenWindow(index)
    return this.#open
  }

  #placeOf(kind: Kind, name: string): number {
    const names = this.#names[kind]
    const known = names.get(name)
    if (known !== undefined) return known
    if (typeof name !== 'string' || !isId(name))
      refuse(
        `${typeof name === 'string' ? JSON.stringify(name) : shown(name)} is no name of statistics`,
        'use 1 to 64 of the characters A-Z a-z 0-9 _ -',
      )
    const { counters, gauges, histograms } = this.#names
    if (counters.size + gauges.size + histograms.size >= limits.statisticsNamesMax)
      tooLarge(`more than ${limits.statisticsNamesMax} names`)
    this.#closedBytes += name.length + lengthBytes
    names.set(name, names.size)
    return names.size - 1
  }
}
