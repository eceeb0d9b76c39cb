import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of a certificate. */
export interface Certified {
  readonly certFile: string
  readonly keyFile: string
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** An authority of a folder of its own, by openssl: certificates that it signs, for whom and for how many days. */
export class Authority {
  readonly caFile: string
  readonly #name: string
  readonly #folder: string

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    this.caFile = this.#path(`${name}.pem`)
    const files = ['-keyout', this.#path(`${name}.key`), '-out', this.caFile]
    this.#openssl(['req', '-x509', ...key, ...files, '-days', '2', '-subj', `/CN=${name}`])
  }

  sign(name: string, subject: string, days = 2): Certified {
    const [certFile, keyFile, request] = ['pem', 'key', 'csr'].map((end) => this.#path(`${name}.${end}`)) as [
      string,
      string,
      string,
    ]
    const extensions = this.#path(`${name}.ext`)
    writeFileSync(extensions, `subjectAltName=${subject}`)
    this.#openssl(['req', ...key, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`])
    this.#openssl([
      ...['x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.#path(`${this.#name}.key`)],
      ...['-CAcreateserial', '-days', `${days}`, '-extfile', extensions, '-out', certFile],
    ])
    return { certFile, keyFile }
  }

  #path(file: string): string {
    return join(this.#folder, file)
  }

  #openssl(options: readonly string[]): void {
    execFileSync('openssl', options, { stdio: 'ignore' })
  }
}
