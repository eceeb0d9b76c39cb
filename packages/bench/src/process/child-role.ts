import type { ChildNote } from './child-note.js'

/** What a process of a benchmark is told to be. */
export interface ChildOrder {
  readonly role:
    | 'responder'
    | 'node'
    | 'bare-leader'
    | 'bare-worker'
    | 'takeover-manager'
    | 'takeover-worker'
    | 'value-responder'
    | 'redis-server'
    | 'bull-worker'
    | 'moleculer-service'
  /** The URL of the server that it takes, or is. */
  readonly server: string
  readonly cluster: string
  /** Its name in the cluster. */
  readonly name: string
}

/** What such a process says: first how its start ended, then what its role notes. */
export type ChildWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'noted'; readonly note: ChildNote }

/** What a role is carried out with. */
export interface ChildScene {
  /** Tells the process of the benchmark something that its measurement is made of. */
  note(note: ChildNote): void
}

/** Ends what a role has opened. */
export type Close = () => Promise<void>
