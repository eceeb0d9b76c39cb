import type { Client } from 'covey'

interface View {
  generation: number
  readonly peers: Map<string, string>
}

/**
 * Waits until each of some nodes sees all the others as active, by its own peer actors, and answers with what is still
 * different at the deadline: nothing, where all views are equal.
 */
export function unequalViews(
  client: Pick<Client, 'transitions'>,
  names: readonly string[],
  deadlineMs: number,
): Promise<string[]> {
  const views = new Map<string, View>()
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      subscription.unsubscribe()
    }
    const timer = setTimeout(() => {
      stop()
      resolve(differences(views, names))
    }, deadlineMs)
    const subscription = client.transitions({ kind: 'peer' }).subscribe({
      next({ node, generation, actor, to }) {
        note(views, node, generation, actor.slice('peer.'.length), to)
        if (differences(views, names).length > 0) return
        // What is told while it is being subscribed to comes before there is anything to stop.
        queueMicrotask(() => {
          stop()
          resolve([])
        })
      },
      error(error: unknown) {
        clearTimeout(timer)
        reject(error)
      },
    })
  })
}

function note(views: Map<string, View>, node: string, generation: number, peer: string, state: string): void {
  const known = views.get(node)
  if (known !== undefined && generation < known.generation) return
  const view = known?.generation === generation ? known : { generation, peers: new Map<string, string>() }
  views.set(node, view)
  view.peers.set(peer, state)
}

/** One line for each node that sees another otherwise than active, or does not see it. */
function differences(views: ReadonlyMap<string, View>, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const peers = views.get(name)?.peers
    return names
      .filter((other) => other !== name && peers?.get(other) !== 'active')
      .map((other) => `${name} sees ${other} as ${peers?.get(other) || 'nobody'}`)
  })
}
