import type { LaunchedCluster } from '@covey/cli'
import type { Client } from 'covey'

/** Kills while a job runs. */
export interface Chaos {
  /** Told how far the job is; kills what is due. */
  onProgress(ended: number, total: number): Promise<void>
  /** How often it is told, in milliseconds: a small job goes from one kill that is due to its end in a moment. */
  readonly lookIntervalMs: number
  /** Whether all that was to be killed has been killed while there was work left. */
  readonly isDone: boolean
}

interface Strike {
  /** At which part of the job it is due. */
  readonly share: number
  readonly what: string
  /** Names the node to kill; `undefined` while there is none. */
  target(): Promise<string | undefined>
}

/** Kills a worker at 20 % of the job and the leading manager at 50 %, with the signal that nobody can hear coming. */
export function createChaos(cluster: LaunchedCluster, client: Client, say: (line: string) => void): Chaos {
  const due: Strike[] = [
    {
      share: 0.2,
      what: 'a worker',
      target: async () => cluster.nodes.findLast(({ roles }) => roles.includes('worker'))?.name,
    },
    {
      share: 0.5,
      what: 'the leading manager',
      target: async () => (await client.status()).shards[0]?.leader ?? undefined,
    },
  ]
  return {
    lookIntervalMs: 10,
    async onProgress(ended, total) {
      const [strike] = due
      if (strike === undefined || ended === total || ended < strike.share * total) return
      const name = await strike.target()
      if (name === undefined || !cluster.nodes.some((node) => node.name === name)) return
      say(`chaos: kill -9 ${strike.what}, ${name}, at ${ended} of ${total}`)
      cluster.kill(name, 'SIGKILL')
      due.shift()
    },
    get isDone() {
      return due.length === 0
    },
  }
}
