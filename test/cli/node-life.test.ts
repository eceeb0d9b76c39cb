import { CoveyError } from '@covey/protocol'
import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { type RunningNode, startNode } from 'covey'
import { createHost } from '../../packages/cli/src/command-host.js'
import { listenForInterruptions } from '../../packages/cli/src/interruption.js'
import type { NodeWord } from '../../packages/cli/src/launch/node-channel.js'
import { liveAsNode } from '../../packages/cli/src/node-life.js'
import { rejection } from '../covey/client-world.js'
import { standIn } from '../harness/stand-in.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('A process that lives as a node', () => {
  let terminal: RecordedTerminal
  let world: ReturnType<typeof createWorld>
  let node: RunningNode
  beforeEach(async () => {
    terminal = recordTerminal()
    world = createWorld({ seed: 1 })
    node = await startNode({ clock: world.heap, logger: 'silent', name: 'n', links: world.broker.open('n') })
  })
  afterEach(async () => {
    await node.close()
    await world.close()
    terminal.remove()
  })

  const live = (of: RunningNode = node) => {
    const host = createHost(terminal)
    const words: NodeWord[] = []
    const launcher = {
      ...{ tell: (word: NodeWord) => void words.push(word), close: () => undefined },
      ...{ onLeave: () => undefined, onGone: () => undefined },
    }
    const interruptions = listenForInterruptions(terminal)
    const onActive = () => void words.push({ kind: 'active' })
    const over = liveAsNode(host, { node: of, interruptions, launcher, onActive })
    return { host, words, over: over.finally(() => interruptions.stop()) }
  }
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

  it('ends with 0 where it is interrupted before it takes part, and has not failed', async () => {
    const { host, words, over } = live()
    terminal.interrupt()
    await turn()
    await world.run(5_000)
    await over
    expect(host.exitCode).to.equal(0)
    expect(words).to.deep.equal([{ kind: 'left' }])
  })

  it('ends with 130 where it is interrupted again before it has left', async () => {
    const stuck = standIn(node, { leave: () => new Promise<void>(() => undefined) })
    const { host, words, over } = live(stuck)
    terminal.interrupt()
    await turn()
    terminal.interrupt()
    await over
    expect(host.exitCode).to.equal(130)
    expect(words).to.deep.equal([])
  })

  it('fails with why it takes no part, interrupted or not', async () => {
    const error = new CoveyError('name_in_use', 'another live process has that name')
    const refused = standIn(node, { ready: Promise.reject(error) })
    const { over } = live(refused)
    terminal.interrupt()
    expect(await rejection(over)).to.equal(error)
  })
})
