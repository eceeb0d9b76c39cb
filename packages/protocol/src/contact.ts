import { z } from 'zod'
import { CoveyError } from './errors.js'
import { limits } from './limits.js'

/** Where a node says that it can be reached beside the broker: an attribute to find it by, never what it is known by (P4). */
export const contactSchema = z.object({
  protocol: z
    .string()
    .max(limits.nameTextMax)
    .regex(/^[a-z][a-z0-9+.-]*$/),
  host: z
    .string()
    .max(limits.hostTextMax)
    .regex(/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/),
  port: z.number().int().min(1).max(limits.portMax),
})
/** One address of a node, in full. */
export type Contact = z.infer<typeof contactSchema>

const written = /^(?:([^:/]+):\/\/)?(.+):(\d{1,5})$/

/** Reads `HOST:PORT` or `PROTOCOL://HOST:PORT`; without a protocol it is `tcp`. Throws `invalid_options`. */
export function parseContact(text: string): Contact {
  const [, protocol = 'tcp', host = '', port] = written.exec(text) ?? []
  const { data, success } = contactSchema.safeParse({
    protocol: protocol.toLowerCase(),
    host: host.toLowerCase(),
    port: Number(port),
  })
  if (success) return data
  throw new CoveyError('invalid_options', `${JSON.stringify(text.slice(0, 80))} is no address`, {
    address: text.slice(0, 80),
    mend: 'write it as HOST:PORT or PROTOCOL://HOST:PORT',
  })
}

/** As {@link parseContact} reads it: `tcp://10.0.0.3:7001`. */
export const contactText = ({ protocol, host, port }: Contact): string => `${protocol}://${host}:${port}`
