/** What a process of a benchmark is told to be. */
export interface ChildOrder {
  readonly role: 'responder' | 'node' | 'bare-leader' | 'bare-worker'
  readonly server: string
  readonly cluster: string
  /** Its name in the cluster. */
  readonly name: string
}

/** What such a process says. */
export type ChildWord = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly reason: string }

/** Ends what a role has opened. */
export type Close = () => Promise<void>
