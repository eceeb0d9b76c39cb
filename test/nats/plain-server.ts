import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrokerBinary } from '@covey/transport'
import { eventually } from '../transport/transport-world.js'

/** A nats-server that somebody has set up in his own way. */
export interface PlainServer {
  readonly url: string
  /** Where it tells its figures; only with `http` in its configuration. */
  readonly monitor: string | undefined
  /** Gives it another configuration, on the same port; what that changes holds soon after. */
  reload(config: string): void
  stop(): Promise<void>
}

interface Ports {
  readonly nats: readonly string[]
  readonly monitoring?: readonly string[]
}

function readPorts(folder: string): Ports | undefined {
  const name = readdirSync(folder).find((file) => file.endsWith('.ports'))
  const text = name === undefined ? '' : readFileSync(join(folder, name), 'utf8')
  // It may be half written.
  return text.trim().endsWith('}') ? (JSON.parse(text) as Ports) : undefined
}

/** Starts nats-server with a configuration, on a free port of loopback; `DIR` in it is a folder of its own. */
export async function startPlainServer(config: string): Promise<PlainServer> {
  const folder = mkdtempSync(join(tmpdir(), 'covey-plain-'))
  const path = join(folder, 'nats.conf')
  const place = `host: 127.0.0.1\nport: -1\nports_file_dir: "${folder}"\n`
  writeFileSync(path, place + config.replaceAll('DIR', folder))
  const server = spawn(findBrokerBinary(), ['-c', path], { stdio: 'ignore' })
  const exited = once(server, 'exit')
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  let ports: Ports | undefined
  try {
    await eventually('nats-server listens', () => {
      ports = readPorts(folder)
      return ports !== undefined
    })
  } catch (error) {
    await stop()
    throw error
  }
  const url = ports?.nats[0] ?? ''
  const reload = (other: string): void => {
    writeFileSync(path, place.replace('-1', new URL(url).port) + other.replaceAll('DIR', folder))
    server.kill('SIGHUP')
  }
  return { url, monitor: ports?.monitoring?.[0], reload, stop }
}
