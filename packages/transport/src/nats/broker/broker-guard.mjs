/**
 * Stands between a broker and its owner: it starts nats-server and ends it when the owner says so or is gone, however
 * the owner ended. It runs in a process group of its own, so that Ctrl-C in a terminal reaches the owner only, which
 * still wants to say goodbye over the broker. Plain JavaScript, because it runs under bare Node from sources too.
 *
 * Arguments: the program, its configuration, the file for its words, the grace in milliseconds between asking and
 * killing, and a folder to remove at the end or nothing. The channel to the owner carries `{ pid }`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs'

const [program = '', config = '', wordsFile = '', graceMs = '', folder = ''] = process.argv.slice(2)

// Where the system can, the broker is also told when this process is killed itself.
const tie = ['setpriv', '--pdeathsig', 'TERM']
const [tieProgram = '', ...tieArguments] = tie
const canTie = process.platform === 'linux' && spawnSync(tieProgram, [...tieArguments, 'true']).status === 0
const [command = '', ...args] = [...(canTie ? tie : []), program, '-c', config]

const words = openSync(wordsFile, 'a', 0o600)
const server = spawn(command, args, { stdio: ['ignore', words, words] })
closeSync(words)

let isEnding = false
const end = () => {
  if (isEnding) return
  isEnding = true
  server.kill('SIGTERM')
  // With a full disk nats-server does not heed it.
  setTimeout(() => server.kill('SIGKILL'), Number(graceMs)).unref()
}

/** @param {number} code */
const finish = (code) => {
  // A broker that ended by itself leaves its folder to the owner, who may start another one on it.
  if (isEnding && folder !== '') rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

server.on('error', () => finish(127))
server.on('exit', (code, signal) => {
  // It cannot say this itself; the kernel sends it where memory is short.
  if (signal !== null && !isEnding) appendFileSync(wordsFile, `nats-server was ended by ${signal}\n`)
  finish(isEnding ? 0 : (code ?? 1))
})
process.on('disconnect', end)
process.on('message', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)

// The owner may be gone already, before this line.
if (process.connected) process.send?.({ pid: server.pid }, (error) => error && end())
else end()
