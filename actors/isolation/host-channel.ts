/** Where the code of a workflow runs. */
export interface CodePlace {
  readonly isolation: 'thread' | 'process'
  /** The URL of the module that exports it. */
  readonly module: string
  readonly memoryMb: number | undefined
}

/** What is heard of a thread or process. */
export interface HostListener {
  /** User code runs there, so it may be anything. */
  onWord(frame: unknown): void
  /** It has ended; `how` completes "it ended: ". */
  onEnd(how: string): void
}

/** A thread or process as its node has it. */
export interface HostChannel {
  say(frame: Uint8Array): void
  /** The work that runs there may go on for so long unless told otherwise; `undefined`: for ever. */
  lease(leftMs: number | undefined): void
  /** It keeps the process of its node alive no more. */
  unref(): void
  /** Ends it, whatever it does; the process of its node lives until it is gone. */
  end(): void
}

/** Starts a thread or process. */
export type OpenHost = (place: CodePlace, listener: HostListener) => HostChannel

/** The way from a thread or process to its node. */
export interface NodeChannel {
  say(frame: Uint8Array): void
}
