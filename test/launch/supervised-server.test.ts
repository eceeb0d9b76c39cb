import { HeapClock } from '@covey/engine'
import { CoveyError, limits } from '@covey/protocol'
import type { Broker, BrokerExit } from '@covey/transport'
import { expect } from 'chai'
import type { LaunchEvent } from '../../packages/cli/src/launch/launch-options.js'
import { SupervisedServer } from '../../packages/cli/src/launch/supervised-server.js'

const error = new Error('no room')

/** Servers that do what the test says: each start is a new process, or fails. */
class FakeServers {
  readonly clock = new HeapClock()
  readonly events: string[] = []
  starts = 0
  fails = false
  cause: Error = error
  #exit: ((exit: BrokerExit) => void) | undefined
  readonly server = new SupervisedServer('server-1', '/data/server-1', {
    clock: this.clock,
    random: { next: () => 0.5, id: () => 'id' },
    start: async () => this.#start(),
    onEvent: (event: LaunchEvent) => this.events.push(event.kind),
    onDown: (name) => this.events.push(`${name} is down`),
  })

  #start(): Broker {
    this.starts += 1
    if (this.fails) throw this.cause
    return {
      ...{ url: 'nats://127.0.0.1:1', pid: this.starts, version: '2.9.10', dataDir: '/data/server-1' },
      stop: async () => void this.events.push('stopped'),
      onExit: (listener) => {
        this.#exit = listener
        return () => undefined
      },
    }
  }

  async end(): Promise<void> {
    this.#exit?.({ code: 1, lastWords: 'bye' })
    await this.later()
  }

  /** The longest wait passes, and what it sets off is done. */
  async later(): Promise<void> {
    this.clock.advance(limits.childRestartDelayMaxMs)
    await new Promise(setImmediate)
  }
}

describe('a server of a broker', () => {
  let servers: FakeServers
  beforeEach(async () => {
    servers = new FakeServers()
    await servers.server.start()
  })

  it('is started again when it ends, as another process', async () => {
    expect(servers.server.live).to.include({ name: 'server-1', pid: 1 })
    await servers.end()
    expect(servers.events).to.deep.equal(['server.exited', 'server.restarted'])
    expect(servers.server.live).to.include({ pid: 2 })
  })

  it('is tried again when it could not be started', async () => {
    servers.fails = true
    await servers.end()
    expect(servers.server.live).to.equal(undefined)
    servers.fails = false
    await servers.later()
    expect(servers.events).to.deep.equal(['server.exited', 'server.restarted'])
  })

  it('stays down where it keeps ending, and says so once', async () => {
    servers.fails = true
    await servers.end()
    for (let tries = 0; tries <= limits.childRestartsMax; tries += 1) await servers.later()
    expect(servers.events).to.deep.equal(['server.exited', 'server.abandoned', 'server-1 is down'])
    expect(servers.starts).to.equal(1 + limits.childRestartsMax)
  })

  it('stays down at once where no later try can help: its program is gone', async () => {
    servers.fails = true
    servers.cause = new CoveyError('broker_missing', 'no program')
    await servers.end()
    expect(servers.events).to.deep.equal(['server.exited', 'server.abandoned', 'server-1 is down'])
    expect(servers.starts).to.equal(2)
  })

  it('is started no more once it is stopped', async () => {
    await servers.server.stop()
    await servers.end()
    expect(servers.events).to.deep.equal(['stopped', 'server.exited'])
    expect(servers.starts).to.equal(1)
  })

  it('rejects with its own error when its first start fails, and needs no end', async () => {
    const other = new FakeServers()
    other.fails = true
    expect(await other.server.start().catch((cause: unknown) => cause)).to.equal(error)
    await other.server.stop()
    expect(other.events).to.deep.equal([])
  })
})
