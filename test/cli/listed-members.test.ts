import { createSubjects } from '@covey/protocol'
import type { StreamSurvey } from '@covey/transport'
import { expect } from 'chai'
import { NEVER } from 'rxjs'
import { askNodes } from '../../packages/cli/src/commands/connections.js'
import { openClusterGround } from '../../packages/cli/src/doctor/cluster-ground.js'
import { runChecks } from '../../packages/cli/src/doctor/finding.js'
import { nodeChecks } from '../../packages/cli/src/doctor/node-checks.js'
import { rejection } from '../covey/client-world.js'
import { ClusterWorld } from '../covey/cluster-world.js'
import { standIn } from '../harness/stand-in.js'

describe('A list of members that does not come', () => {
  let world: ClusterWorld
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  /** A client of a cluster with one node, of which the facts say nothing. */
  const begin = async () => {
    await world.during(world.node('m1').ready)
    const client = standIn(await world.client(), { members$: NEVER })
    return { client, links: world.open('asks') }
  }

  it('is no empty list to covey connections, and no proof that a node is not there', async () => {
    const { client, links } = await begin()
    for (const name of [undefined, 'm1']) {
      const asked = rejection(askNodes({ client, links }, name, world.clock))
      expect(await world.during(asked)).to.have.property('code', 'unreachable')
    }
  })

  it('is found by covey doctor, which takes it for no cluster without a manager', async () => {
    const session = {
      ...(await begin()),
      address: { url: 'nats://h:1', cluster: world.cluster, mend: '', access: {} },
    }
    const opened = openClusterGround(session, undefined, world.clock, () => world.clock.now())
    const log = createSubjects(world.cluster).logStream(0)
    const stream: StreamSurvey = {
      ...{
        name: log,
        faults: [],
        messages: 1,
        bytes: 70,
        bytesMax: 1_000,
        firstSequence: 1,
        lastSequence: 1,
      },
    }
    const ground = Object.assign(opened, { streams: async () => new Map([[log, stream]]) })
    const findings = await world.during(runChecks(nodeChecks, ground, world.clock))
    expect(findings.find(({ check }) => check === 'nodes')).to.include({
      state: 'fail',
      detail: 'unreachable: no list of the members came within 5000 ms',
    })
  })
})
