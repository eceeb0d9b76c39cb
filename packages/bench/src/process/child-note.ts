/** What a process of a benchmark has seen, told to the one that measures. */
export type ChildNote =
  /** A manager has folded what there was, in so many milliseconds. */
  | { readonly kind: 'folded'; readonly tookMs: number }
  /** A worker has begun an attempt. */
  | { readonly kind: 'began'; readonly token: string }
