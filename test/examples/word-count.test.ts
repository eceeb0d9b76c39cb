import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { countFile, createTextCounter } from '../../examples/word-count/src/count-file.js'
import { extensionsMax, freezeFileList } from '../../examples/word-count/src/file-list.js'
import { countPlainly, countPlainText } from '../../examples/word-count/src/plain-count.js'
import { mergeTables, totalOf } from '../../examples/word-count/src/tally.js'

const { signal } = new AbortController()

const tellingText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a',
        'Z',
        '7',
        ' ',
        '\n',
        '\r\n',
        '_',
        '-',
        "'",
        'ß',
        'é',
        '́',
        '١',
        '漢',
        '𝒳',
        '😀',
        '\u{FFFD}',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))

describe('word count', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'covey-words-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }

  it('counts runs of letters and digits of any script, and newlines', () => {
    expect(countPlainText('Für Élise, no. 59\nвот 漢字 x-y\n')).to.deep.equal({ words: 8, lines: 2 })
  })

  it('counts any text alike by both ways, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(tellingText), (texts) => {
        const counter = createTextCounter()
        for (const text of texts) counter.add(text)
        expect(counter.counts()).to.deep.equal(countPlainText(texts.join('')))
      }),
    )
  })

  it('counts any bytes alike by both ways', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ min: 1 }),
      tellingText.map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        write('a.txt', content)
        const tally = await countFile(join(root, 'a.txt'), signal)
        const plain = await countPlainly(root, [{ path: 'a.txt', bytes: content.length, extension: '.txt' }])
        expect(plain).to.deep.equal({ '.txt': tally })
      }),
      { numRuns: 50 },
    )
  })

  it('counts a word that two pieces of a file share once', async () => {
    write('long.txt', `${'é'.repeat(200_000)} end\n`)
    const tally = await countFile(join(root, 'long.txt'), signal)
    expect(tally).to.deep.equal({ files: 1, words: 2, lines: 1, bytes: 400_005 })
  })

  it('does not count a file with a NUL byte, by either way', async () => {
    write('a.bin', 'text\0text')
    expect(await countFile(join(root, 'a.bin'), signal)).to.equal(undefined)
    expect(await countPlainly(root, (await freezeFileList(root)).files)).to.deep.equal({})
  })

  it('ends when it is told to stop', async () => {
    write('a.txt', 'a b')
    const failure = await countFile(join(root, 'a.txt'), AbortSignal.abort(new Error('told'))).catch(String)
    expect(failure).to.equal('Error: told')
  })

  it('lists files in one order, follows no link, and counts rare extensions together', async () => {
    write('b/x.JS', '1')
    write('a/y.js', '22')
    write('LICENSE', '')
    symlinkSync(root, join(root, 'loop'))
    symlinkSync(join(root, 'LICENSE'), join(root, 'link.js'))
    expect((await freezeFileList(root)).files).to.deep.equal([
      { path: 'LICENSE', bytes: 0, extension: '(none)' },
      { path: join('a', 'y.js'), bytes: 2, extension: '.js' },
      { path: join('b', 'x.JS'), bytes: 1, extension: '.js' },
    ])
    for (let index = 0; index < extensionsMax; index += 1) write(`c/z.x${index}`, '')
    const extensions = new Set((await freezeFileList(root)).files.map(({ extension }) => extension))
    expect(extensions.size).to.equal(extensionsMax + 1)
    expect(extensions).to.include('(other)').and.to.include('.js')
  })

  it('merges tables in any order to the same', () => {
    const one = { '.js': { files: 1, words: 2, lines: 3, bytes: 4 } }
    const two = {
      '.js': { files: 1, words: 1, lines: 1, bytes: 1 },
      '.md': { files: 1, words: 0, lines: 0, bytes: 0 },
    }
    expect(mergeTables([one, two])).to.deep.equal(mergeTables([two, one]))
    expect(totalOf(mergeTables([one, two]))).to.deep.equal({ files: 3, words: 3, lines: 4, bytes: 5 })
  })
})
