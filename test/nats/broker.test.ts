import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Broker,
  type BrokerExit,
  type BrokerOptions,
  connectLinks,
  startBroker,
  systemClock,
} from '@covey/transport'
import { expect } from 'chai'
import { skipBecause } from '../harness/skip-because.js'
import { eventually, rejection } from '../transport/transport-world.js'
import { isAlive, isListening } from './broker-owner.js'
import { freshCluster, linksOptions } from './nats-world.js'

describe('Embedded broker', () => {
  let dataDir: string
  const started: Broker[] = []
  const start = async (options: Partial<BrokerOptions> = {}): Promise<Broker> => {
    const broker = await startBroker({ startDeadlineMs: 8_000, clock: systemClock, dataDir, ...options })
    started.push(broker)
    return broker
  }
  const startTemporary = async (): Promise<Broker> => {
    const broker = await startBroker({ startDeadlineMs: 8_000, clock: systemClock })
    started.push(broker)
    return broker
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'covey-test-'))
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((broker) => broker.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })

  it('answers with JetStream when it is started', async () => {
    const broker = await start()
    const links = await connectLinks(linksOptions(broker.url, freshCluster()))
    expect(links.broker).to.deep.equal({
      url: broker.url,
      version: broker.version,
      jetStream: true,
      durable: true,
    })
    await links.close()
  })

  it('writes its configuration for this user only', async () => {
    await start()
    expect(statSync(join(dataDir, 'nats.conf')).mode & 0o777).to.equal(0o600)
  })

  it('runs with half of the cores and a lazier collector (ADR 35)', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'the environment of a process is read from /proc')
    const broker = await start()
    const environment = readFileSync(`/proc/${broker.pid}/environ`, 'utf8').split('\0')
    expect(environment).to.include('GOGC=400')
    expect(environment).to.include(`GOMAXPROCS=${Math.max(1, Math.floor(availableParallelism() / 2))}`)
  })

  it('leaves no process, no port and no file when it is stopped, and may be stopped twice', async () => {
    const broker = await startTemporary()
    await Promise.all([broker.stop(), broker.stop()])
    expect(isAlive(broker.pid)).to.equal(false)
    expect(await isListening(broker.url)).to.equal(false)
    expect(existsSync(broker.dataDir)).to.equal(false)
  })

  it('leaves its store and no lock in a folder that it was given', async () => {
    await (await start()).stop()
    expect(readdirSync(dataDir).sort()).to.deep.equal(['nats-server.log', 'nats.conf', 'store'])
  })

  it('refuses a folder that another broker uses, and names its owner', async () => {
    await start()
    const error = await rejection(start())
    expect(error).to.have.property('code', 'store_locked')
    expect(error).to.have.property('mend').that.includes(`process ${process.pid}`).and.includes('--data')
    expect(error).to.have.property('message').that.includes(`process ${process.pid} `)
  })

  it('lets exactly one of many in at a stale lock', async () => {
    const reusedPid = { pid: process.pid, identity: 'an earlier process of that number' }
    await writeFile(join(dataDir, 'lock.7'), JSON.stringify({ owner: reusedPid }))
    const outcomes = await Promise.allSettled([start(), start(), start(), start()])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).to.have.property('code', 'store_locked')
    }
    expect(readdirSync(dataDir).filter((name) => name.startsWith('lock.'))).to.deep.equal(['lock.8'])
  })

  it('tells that it ended when nobody stopped it, and frees its folder', async () => {
    const broker = await start()
    const exits: BrokerExit[] = []
    broker.onExit((exit) => exits.push(exit))
    process.kill(broker.pid, 'SIGKILL')
    await eventually('the end is told', () => exits.length > 0)
    expect(exits.map(({ lastWords }) => lastWords)).to.deep.equal(['nats-server was ended by SIGKILL'])
    const again = await start({ port: Number(new URL(broker.url).port) })
    expect(again.url).to.equal(broker.url)
  })

  it('ends when its guard is killed, and says so', async () => {
    const broker = await start()
    const exits: BrokerExit[] = []
    broker.onExit((exit) => exits.push(exit))
    const lock = JSON.parse(readFileSync(join(dataDir, 'lock.1'), 'utf8')) as { guard: { pid: number } }
    process.kill(lock.guard.pid, 'SIGKILL')
    await eventually('the end is told', () => exits.length > 0)
    expect(exits).to.deep.equal([
      {
        code: null,
        lastWords: 'the process that guards nats-server was killed, and nats-server ended with it',
      },
    ])
    expect(isAlive(broker.pid)).to.equal(false)
  })

  it('quotes nothing of a server that ends without a word', async () => {
    const error = await rejection(start({ binary: '/bin/true' }))
    expect(error).to.include({ code: 'broker_failed', message: 'nats-server ended' })
    expect(error)
      .to.have.property('mend')
      .that.matches(/^covey doctor checks/)
  })

  it('quotes a server that ends before its guard is known, whose folder is temporary', async () => {
    const binary = join(dataDir, 'hasty-server')
    await writeFile(binary, '#!/bin/sh\necho "[FTL] not today"\nexit 1\n', { mode: 0o755 })
    const error = await rejection(startBroker({ binary, startDeadlineMs: 8_000, clock: systemClock }))
    expect(error).to.include({
      code: 'broker_failed',
      message: 'nats-server ended; it said:\n[FTL] not today',
    })
  })

  it('quotes only the complaint of a server that does not start, says what to do, and leaves nothing behind', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    const temporary = process.env.TMPDIR
    process.env.TMPDIR = join(dataDir, 'store')
    try {
      const before = readdirSync(tmpdir())
      const error = await rejection(startBroker({ port, startDeadlineMs: 8_000, clock: systemClock }))
      expect(error).to.have.property('code', 'broker_failed')
      expect(error)
        .to.have.property('message')
        .that.matches(/^nats-server ended; it said:\n\[FTL\] .*:\d+.*address already in use[^\n]*$/)
      expect(error).to.have.property('mend').that.includes(`port ${port} is taken`).and.includes('--port')
      expect(readdirSync(tmpdir())).to.deep.equal(before)
    } finally {
      if (temporary === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = temporary
    }
  })

  it('takes the preferred port where it is free, and else another one', async () => {
    const first = await startTemporary()
    const preferredPort = Number(new URL(first.url).port)
    const other = await start({ preferredPort })
    expect(other.url).to.not.equal(first.url)
    await Promise.all([first.stop(), other.stop()])
    expect((await start({ preferredPort })).url).to.equal(first.url)
  })

  it('says how to get nats-server where there is none', async () => {
    const error = await rejection(start({ binary: join(dataDir, 'nowhere') }))
    expect(error).to.have.property('code', 'broker_missing')
    for (const way of [/apt-get/, /brew/, /choco/, /--transport memory/]) {
      expect(error).to.have.property('mend').that.matches(way)
    }
  })

  it('says so when the program is no broker', async () => {
    const error = await rejection(start({ binary: process.execPath }))
    expect(error).to.have.property('code', 'broker_failed')
  })
})
