import { expect } from 'chai'
import { filesBelow, read } from './repository.js'

/** Files, or folders with a slash at the end, that may ask the system for time or chance, each with the reason. */
const allowed: Record<string, string> = {
  'packages/transport/src/clock.ts': 'the adapter of Clock to the system',
  'packages/inspector/page/browser-clock.ts': 'the same for the page, which runs in a browser and is no node',
  'packages/inspector/src/stately/bridge-page.ts': 'holds the script of a page, which runs in a browser too',
  'packages/simulator/src/simulated-world.ts': 'lets all that is due now run before virtual time moves on',
  'packages/transport/src/random.ts': 'the adapter of Random to the system',
}

/** A word and a parenthesis behind `setTimeout(` is a call; a word and a colon is the declaration of a port. */
const forbidden =
  /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b|\brandom(?:UUID|Bytes|Int)\(|(?<![.\w])set(?:Timeout|Interval|Immediate)\((?!\w+\??:)/

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')

const askers = (): string[] =>
  ['actors', 'machines', 'packages']
    .flatMap(filesBelow)
    .filter((path) => path.endsWith('.ts') && forbidden.test(withoutComments(read(path))))

const places = Object.keys(allowed)

describe('time and chance', () => {
  it('come from the ports Clock and Random, never from the system', () => {
    expect(askers().filter((path) => !places.some((place) => path.startsWith(place)))).to.deep.equal([])
  })

  it('are asked of the system only where that is still needed', () => {
    const idle = places.filter((place) => !askers().some((path) => path.startsWith(place)))
    expect(idle).to.deep.equal([])
  })
})
