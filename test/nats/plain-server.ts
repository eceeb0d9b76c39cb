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
  stop(): Promise<void>
}

function readPorts(folder: string): string | undefined {
  const name = readdirSync(folder).find((file) => file.endsWith('.ports'))
  const text = name === undefined ? '' : readFileSync(join(folder, name), 'utf8')
  // It may be half written.
  return text.trim().endsWith('}') ? (JSON.parse(text) as { nats: string[] }).nats[0] : undefined
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
  let url = ''
  try {
    await eventually('nats-server listens', () => {
      url = readPorts(folder) ?? ''
      return url !== ''
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}
