import { join } from 'node:path'
import { gibibytes } from '../free-space.js'
import type { LaunchEvent } from './launch-options.js'

/** Empty where a server has said nothing, as when it was killed at once. */
function lastLine(words: string): string {
  const line = words.trimEnd().split('\n').at(-1) ?? ''
  return line === '' ? '' : `; its last words: ${line}`
}

/** What has happened, on a line for a person; `undefined` for what nobody needs to read. */
export function describeLaunchEvent(event: LaunchEvent): string | undefined {
  switch (event.kind) {
    case 'broker.ready':
      return `broker nats-server ${event.version} at ${event.url}`
    case 'port.taken':
      return `warning: port ${event.port}, which this cluster had the last time, is taken: nodes that were started by hand need --server ${event.url}`
    case 'server.exited':
      return `${event.name} of the broker has ended, and is started again with its store${lastLine(event.lastWords)}`
    case 'server.restarted':
      return `${event.name} of the broker runs again (${event.pid})`
    case 'server.abandoned': {
      const { name, why, folder } = event
      return `warning: ${name} of the broker stays down: ${why}. All that it said is in ${join(folder, 'nats-server.log')}`
    }
    case 'space.low':
      return `warning: only ${gibibytes(event.freeBytes)} free at ${event.folder}: make room before the disk is full, for then the broker answers no more`
    case 'space.enough':
      return `${gibibytes(event.freeBytes)} free at ${event.folder} again; if jobs are still not taken, the disk was full before: start the cluster again, its jobs go on`
    case 'node.started':
      return undefined
    case 'node.exited': {
      const { name, how, wanted, left } = event.exit
      if (left) return `${name} has left`
      return wanted ? `${name} ended (${how}) while leaving` : `${name} exited (${how}); its work moves on`
    }
    case 'node.restarting':
      return `${event.name} is started again in ${(event.delayMs / 1_000).toFixed(1)} s`
    case 'node.restarted':
      return `${event.name} takes part again (${event.pid})`
    case 'node.abandoned': {
      const { name, why, logFolder } = event
      return `warning: ${name} stays down: ${why}. Its last words are in ${join(logFolder, `${name}.log`)}: mend what ends it, and start the cluster again`
    }
    case 'exit.told':
      return `${event.manager} has noted the end of ${event.name}`
  }
}
