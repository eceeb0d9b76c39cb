import {
  contenderNames,
  type PeerReport,
  type PeerRow,
  peerDocument,
  peerTable,
  peerVerdictsOf,
} from '@covey/bench'
import { expect } from 'chai'

const row = (name: string, inFlight: number, more: Partial<PeerRow> = {}): PeerRow => ({
  ...{ label: 'request and reply', name, inFlight, perSecond: 12_345.6, p50Ms: 1.5, p99Ms: 9.25, ratio: 1 },
  ...more,
})

const report = (more: Partial<PeerReport> = {}): PeerReport => ({
  ...{ name: 'request', node: '22.23.2', cores: 2, servers: ['nats-server 2.9.10'], leftOut: [] },
  rows: [row(contenderNames.bus, 64), row(contenderNames.bare, 64, { perSecond: 6_172.8, ratio: 2 })],
  ...more,
})

describe('Targets beside peers', () => {
  const met = (rows: PeerRow[], name: PeerReport['name'] = 'request') =>
    peerVerdictsOf(report({ name, rows })).map((verdict) => verdict.met)

  it('of a request are those of Moleculer and of nc.request at 64 in flight, and its p50 one at a time', () => {
    const { bus, bare, moleculer } = contenderNames
    const all = (besideMoleculer: number, besideBare: number, ourP50Ms: number) =>
      met([
        row(bus, 1, { p50Ms: ourP50Ms }),
        row(bare, 1, { p50Ms: 0.3 }),
        row(moleculer, 1, { ratio: 0.1 }),
        ...[
          row(bus, 64),
          row(bare, 64, { ratio: besideBare }),
          row(moleculer, 64, { ratio: besideMoleculer }),
        ],
      ])
    expect(all(1, 1.5, 0.329)).to.deep.equal([true, true, true])
    expect(all(0.99, 1.49, 0.331)).to.deep.equal([false, false, false])
  })

  it('of dispatch are three times BullMQ wherever many are in flight', () => {
    const { dispatch, bull } = contenderNames
    const rows = (ratio: number) =>
      [1, 64, 256, 1_024].flatMap((lanes) => [
        row(dispatch, lanes),
        row(bull, lanes, { ratio: lanes === 1_024 ? ratio : 3 }),
      ])
    expect(met(rows(3), 'dispatch')).to.deep.equal([true])
    expect(met(rows(2.99), 'dispatch')).to.deep.equal([false])
  })

  it('say nothing of a peer that was left out', () => {
    const rows = [row(contenderNames.dispatch, 64)]
    expect(met(rows, 'dispatch')).to.deep.equal([])
  })
})

describe('Figures beside peers', () => {
  const leftOut = ['Moleculer 0.15.2 is left out: no Node 22']

  it('are a table for the terminal, with who is left out', () => {
    const lines = peerTable(report({ leftOut })).split('\n')
    expect(lines[0]).to.equal('request (Node 22.23.2, 2 cores, nats-server 2.9.10)')
    expect(lines[2]).to.match(/^request and reply +64 +Covey bus +12,346 +1\.5 +9\.25 +1\.00$/)
    expect(lines.at(-1)).to.equal(leftOut[0])
  })

  it('are a page that names the run, the servers and who is left out, and holds no date', () => {
    const page = peerDocument([report({ leftOut })], { seconds: 1, awake: false })
    expect(page).to.include('2 cores, Node 22.23.2').and.include('measured for 1 s')
    expect(page).to.include('`npm run bench:peers -- request --seconds 1`, with nats-server 2.9.10')
    expect(page).to.include('| request and reply | 64 | nc.request, JSON | 6,173 | 1.5 | 9.25 | 2.00 |')
    expect(page).to.include('- Reached: at least 1.5 times nc.request at 64 in flight.')
    expect(page).to.include(`- ${leftOut[0]}.`)
    expect(page).not.to.match(/\b20\d\d-\d\d/)
  })
})
