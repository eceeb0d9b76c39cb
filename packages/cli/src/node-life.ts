import { CoveyError, type GoodbyeReason, limits } from '@covey/protocol'
import { systemClock } from '@covey/transport'
import type { RunningNode } from 'covey'
import type { CommandHost } from './command-host.js'
import { exitCodes } from './exit-codes.js'
import { aborted, type Interruptions } from './interruption.js'
import type { Launcher } from './launch/node-channel.js'

/** A node that this process lives as, and who may end it. */
export interface NodeLife {
  readonly node: Pick<RunningNode, 'ready' | 'closed' | 'leave' | 'close'>
  readonly interruptions: Pick<Interruptions, 'first' | 'second'>
  readonly launcher: Launcher | undefined
  /** It takes part. */
  readonly onActive: () => void
}

/** Everything that makes a node say goodbye, and what ends it without one. */
function obey({ node, interruptions: { first, second }, launcher }: NodeLife): void {
  const leave = (reason?: GoodbyeReason): void => void node.leave(reason)
  void aborted(first).then(() => leave())
  void aborted(second).then(() => node.close())
  launcher?.onLeave(leave)
  launcher?.onGone(() => {
    leave()
    systemClock.setTimeout(() => void node.close(), limits.orphanGraceMs)
  })
}

/** It was told to go before it took part: whether somebody wanted that, the end of the node itself says. */
const isToldToGo = (error: unknown): boolean =>
  error instanceof CoveyError && (error.code === 'departed' || error.code === 'closed')

/** Lives as a node until it has departed, also where that is before it took part. Rejects with why, unless that was on purpose. */
export async function liveAsNode(host: CommandHost, life: NodeLife): Promise<void> {
  const { node, launcher, onActive } = life
  obey(life)
  await node.ready.then(onActive, (error: unknown) => {
    if (!isToldToGo(error)) throw error
  })
  const { reason, error } = await node.closed
  if (error !== undefined) throw error
  if (reason === 'closed') host.exitCode = exitCodes.interrupted
  else launcher?.tell({ kind: 'left' })
}
