import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One of several servers that are one broker: how it is told from the others, and where they hear each other. */
export interface ServerSeat {
  readonly name: string
  /** Where it listens for the others. */
  readonly routePort: number
  /** Where all of them do, itself too. */
  readonly routePorts: readonly number[]
}

/** Where a broker listens and keeps its files. */
export interface BrokerPlace {
  readonly dataDir: string
  readonly host: string
  /** -1 lets the broker choose. */
  readonly port: number
  /** Absent where it is the only server. */
  readonly seat?: ServerSeat
}

/** Quoted as the configuration's own JSON-like strings are, so that a path with spaces or backslashes stays one. */
const quoted = (text: string): string => JSON.stringify(text)

const seatText = (
  host: string,
  { name, routePort, routePorts }: ServerSeat,
): string => `server_name: ${quoted(name)}
cluster {
  name: "covey"
  listen: ${quoted(`${host}:${routePort}`)}
  routes: [${routePorts.map((port) => quoted(`nats://${host}:${port}`)).join(', ')}]
}
`

const configText = ({ dataDir, host, port, seat }: BrokerPlace): string => `# Written at every start by Covey.
host: ${quoted(host)}
port: ${port}
ports_file_dir: ${quoted(dataDir)}
jetstream {
  store_dir: ${quoted(join(dataDir, 'store'))}
  # For the state of consumers only: no stream is kept in memory.
  max_memory_store: 256MB
  # Streams have limits of their own. Room is not reserved twice: a small disk may start a cluster too.
  max_file_store: 1TB
}
max_payload: 1MB
# A process that does not answer for three of these is cut off, so that its silence has an end.
ping_interval: "5s"
ping_max: 2
write_deadline: "5s"
${seat === undefined ? '' : seatText(host, seat)}`

/** Writes the configuration, for this user's eyes only, and returns its path. */
export async function writeBrokerConfig(place: BrokerPlace): Promise<string> {
  const path = join(place.dataDir, 'nats.conf')
  await writeFile(path, configText(place), { mode: 0o600 })
  // The mode above counts only for a new file.
  await chmod(path, 0o600)
  return path
}
