import type { EndKind } from '@covey/protocol'

/**
 * Whether a generation has ended so that nothing of it can run any more: its launcher saw it exit, or it left and said
 * that no work was left behind. After every other end its attempts may run until its lease is over (K8, K15).
 */
export const isCertainEnd = ({ how, dirty }: { readonly how: EndKind; readonly dirty: boolean }): boolean =>
  how === 'exited' || (how === 'left' && !dirty)
