import type { Task } from './node-table.js'

/** A node as it is, whoever looks: its process, if one runs, and what stays of it when it ends. */
export interface Process {
  /** The node machine; 0 where no process runs. */
  readonly machine: number
  /** What its effects are busy with. */
  readonly task: Task | null
  readonly isDraining: boolean
  /** The generation whose door is open; 0 for none. */
  readonly door: number
  /** Facts of the own name that it has read. */
  readonly own: number
  /** The facts of its name, in order. */
  readonly facts: number
  /** How often a process of this name was started. */
  readonly run: number
  /** What it has said of itself, for ever under way: that it lives, and goodbye, a bit for each generation. */
  readonly alive: number
  readonly goodbyes: number
}

export const unstarted: Process = {
  ...{ machine: 0, task: null, isDraining: false, door: 0, own: 0, facts: 0, run: 0, alive: 0, goodbyes: 0 },
}

/** A process that has ended: what it knew is gone, what it said and wrote is not. */
export const ended = (process: Process): Process => ({
  ...process,
  ...{ machine: 0, task: null, isDraining: false, door: 0, own: 0 },
})

/** What one node has of another. */
export interface Sight {
  /** The peer machine; 0 where nothing is known. */
  readonly machine: number
  /** Facts of the subject that were read. */
  readonly read: number
  /** How long it has been silent: 0 not long, 1 for the suspicion timeout, 2 for a lease. */
  readonly silence: number
  /** The generation that is proposed to depart, 0 for none, and whether that was decided. */
  readonly proposed: number
  readonly isDecided: boolean
  /** Generations whose end was told, a bit for each. */
  readonly ended: number
}

export const unseen: Sight = {
  ...{ machine: 0, read: 0, silence: 0, proposed: 0, isDecided: false, ended: 0 },
}
