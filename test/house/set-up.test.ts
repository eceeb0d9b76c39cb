import { posix } from 'node:path'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { read, root } from './repository.js'

interface Words {
  say(text: string): void
  stop(): void
}
type MovingWords = (
  stream: { readonly isTTY: boolean; write(text: string): void },
  prefix: string,
  pace: { readonly silenceMs: number; readonly frameMs: number },
) => Words

/** Timers of this process that wait. */
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

describe('the set-up of a checkout', () => {
  const begin = async (isTTY: boolean) => {
    const written: string[] = []
    const { movingWords } = (await import(`${root}/.ci/set-up/moving-words.mjs`)) as {
      movingWords: MovingWords
    }
    const stream = { isTTY, write: (text: string) => void written.push(text) }
    return { written, ...movingWords(stream, 'set-up: ', { silenceMs: 5, frameMs: 1 }) }
  }

  it('moves below its last line on a terminal, until the next line and the end', async () => {
    const { written, say, stop } = await begin(true)
    const before = timers()
    say('one')
    await eventually('it moves', () => written.length > 3)
    expect(written.slice(0, 3)).to.deep.equal(['set-up: one\n', '\r\u001b[K⠋ 0 s', '\r\u001b[K⠙ 0 s'])
    say('two')
    expect(written.slice(-2)).to.deep.equal(['\r\u001b[K', 'set-up: two\n'])
    expect(timers()).to.equal(before + 1)
    stop()
    expect(timers()).to.equal(before)
  })

  it('only says its lines anywhere else', async () => {
    const { written, say, stop } = await begin(false)
    const before = timers()
    say('one')
    expect([timers(), written]).to.deep.equal([before, ['set-up: one\n']])
    stop()
  })

  it('builds every program that a script of package.json runs', async () => {
    const products = read('.ci/set-up/build.mjs').matchAll(/'((?:packages|examples)\/[\w-]+)'/g)
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
    const programs = Object.values(scripts)
      .join(' ')
      .matchAll(/((?:packages|examples)\/[\w-]+)\/dist\//g)
    const built = new Set<string>()
    const build = (folder: string): void => {
      built.add(folder)
      const { references = [] } = JSON.parse(read(`${folder}/tsconfig.json`)) as {
        references?: readonly { readonly path: string }[]
      }
      for (const { path } of references) build(posix.join(folder, path))
    }
    for (const [, folder = ''] of products) build(folder)
    const missing = [...programs].map(([, folder = '']) => folder).filter((folder) => !built.has(folder))
    expect(missing).to.deep.equal([])
  })
})
