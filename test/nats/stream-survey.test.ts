import { createSubjects } from '@covey/protocol'
import { connectLinks, type Links, surveyStreams } from '@covey/transport'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect } from 'chai'
import { connect } from 'nats'
import type { Finding } from '../../packages/cli/src/doctor/finding.js'
import { callCovey } from '../cli/calls.js'
import { recordTerminal } from '../cli/recorded-terminal.js'
import { bytes } from '../transport/transport-world.js'
import { freshCluster, linksOptions, useBroker } from './nats-world.js'

describe('The streams of a cluster, looked at on a real broker,', () => {
  const broker = useBroker()
  const cluster = freshCluster()
  const subjects = createSubjects(cluster)
  const opened: Links[] = []
  afterEach(() => Promise.all(opened.splice(0).map((links) => links.close())))

  const open = async (ensureStreams: boolean): Promise<Links> => {
    const links = await connectLinks({ ...linksOptions(broker.url, cluster), shards: 1, ensureStreams })
    opened.push(links)
    return links
  }
  const survey = async (links: Links, name: string) =>
    (await surveyStreams(links.control, cluster, 1)).get(name)
  const doctor = async (): Promise<Finding[]> => {
    const terminal = recordTerminal()
    const where = ['--server', broker.url, '--cluster', cluster]
    const { stdout } = await callCovey(terminal.folder, 'doctor', '--json', ...where)
    terminal.remove()
    return (JSON.parse(stdout) as { checks: Finding[] }).checks
  }
  const found = async (check: string) => (await doctor()).find((finding) => finding.check === check)

  it('are missing where no node ever was, which doctor says', async () => {
    const links = await open(false)
    expect([...(await surveyStreams(links.control, cluster, 1)).values()]).to.deep.equal(
      Array(4).fill(undefined),
    )
    expect(await found('streams')).to.include({ state: 'fail', where: broker.url })
  })

  it('have no fault as a manager makes them, and the figures of what is in them', async () => {
    const links = await open(true)
    await links.log(0).append(subjects.batch(0), bytes('1'), 0)
    await links.log(0).append(subjects.batch(0), bytes('2'), 1)
    const log = await survey(links, subjects.logStream(0))
    expect(log).to.deep.include({ faults: [], messages: 2, firstSequence: 1, lastSequence: 2 })
    expect(log?.bytes).to.be.within(1, (log?.bytesMax ?? 0) - 1)
  })

  it('with a log that was purged, and with limits of somebody else, are what doctor finds', async () => {
    const links = await open(true)
    await links.log(0).trim(1)
    const connection = await connect({ servers: broker.url })
    const manager = await jetstreamManager(connection)
    await manager.streams.update(subjects.factsStream, { max_age: 600_000_000_000 })
    await connection.close()
    const findings = await doctor()
    const [streams, log] = ['streams', 'log'].map((check) =>
      findings.find((finding) => finding.check === check),
    )
    expect(streams).to.include({ state: 'fail', where: subjects.factsStream })
    expect(streams?.detail).to.match(/^max_age has to be 0, the broker says 600000000000$/)
    expect(log).to.include({ state: 'fail', where: subjects.logStream(0) })
    expect(log?.detail).to.match(/1 of its 2 entries, from 2 on/)
    const place = { streamEpoch: 1, epoch: 1, sequence: 1 }
    await links.objects.create(subjects.snapshotPart(0, place, 0), bytes('the state after entry 1'))
    expect(await found('log')).to.include({
      state: 'ok',
      detail: '1 entries without a hole, from 2 on, and a snapshot of what was before',
    })
  })
})
