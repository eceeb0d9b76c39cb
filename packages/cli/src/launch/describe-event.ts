import type { LaunchEvent } from './launch-options.js'

/** What has happened, on a line for a person; `undefined` for what nobody needs to read. */
export function describeLaunchEvent(event: LaunchEvent): string | undefined {
  switch (event.kind) {
    case 'broker.ready':
      return `broker nats-server ${event.version} at ${event.url}`
    case 'port.taken':
      return `warning: port ${event.port}, which this cluster had the last time, is taken: nodes that were started by hand need --server ${event.url}`
    case 'broker.exited':
      return `the broker has ended; its last words:\n${event.lastWords}`
    case 'node.started':
      return undefined
    case 'node.exited': {
      const { name, how, wanted } = event.exit
      if (how === 'code 0') return `${name} has left`
      return wanted ? `${name} ended (${how}) while leaving` : `${name} exited (${how}); its work moves on`
    }
    case 'exit.told':
      return `${event.manager} has noted the end of ${event.name}`
  }
}
