import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type InstallOptions, installPeer } from './install-peer.js'
import { lackOfNode } from './left-out.js'
import { newerNode, newerNodeProgram, type PeerPackage } from './peer-package.js'
import { type Version, versionIn } from './version.js'

/** By which Node a peer can be measured: this one, another program, or none, and what is said then. */
export type NodeFor =
  | { readonly kind: 'this' }
  | { readonly kind: 'other'; readonly program: string }
  | { readonly kind: 'none'; readonly leftOut: string }

/** The version of this Node. */
export const thisNode = (): Version => versionIn(process.versions.node) ?? [0, 0, 0]

/** Finds a Node that a peer runs on; where this one is too old, one is installed for it. */
export async function nodeFor(peer: PeerPackage, node: Version, options: InstallOptions): Promise<NodeFor> {
  if (lackOfNode(peer, node, '') === undefined) return { kind: 'this' }
  const installed = await installPeer(newerNode, options)
  if (installed.kind === 'there') return { kind: 'other', program: newerNodeProgram }
  return { kind: 'none', leftOut: lackOfNode(peer, node, installed.reason) ?? '' }
}

/** Runs this very command by another Node, and resolves with its exit code. It ends when this process does. */
export async function runBy(program: string): Promise<number> {
  const args = [...process.execArgv, ...process.argv.slice(1)]
  const child = spawn(program, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  const [code]: readonly (number | null)[] = await once(child, 'exit')
  return code ?? 1
}

/** Ends this process when the one has ended that runs it by {@link runBy}. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit())
  process.channel?.unref()
}
