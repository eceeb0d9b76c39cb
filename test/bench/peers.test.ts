import {
  bullmq,
  type FoundRedis,
  isFrom,
  lackOfNode,
  lackOfPackages,
  lackOfRedis,
  moleculer,
  versionIn,
} from '@covey/bench'
import { expect } from 'chai'
import fc from 'fast-check'

describe('A version', () => {
  for (const [text, version] of [
    ['v22.23.2\n', [22, 23, 2]],
    ['20.20.2', [20, 20, 2]],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1a2b', [7, 0, 15]],
    ['Valkey server v=8.1.1 sha=00000000:0', [8, 1, 1]],
    ['redis 6.2', [6, 2, 0]],
    ['no version', undefined],
    ['sha=12345678', undefined],
    ['', undefined],
  ] as const)
    it(`is ${version?.join('.') ?? 'none'} in ${JSON.stringify(text)}`, () => {
      expect(versionIn(text)).to.deep.equal(version)
    })

  it('is from another one on by its numbers, not by its text', () => {
    expect(isFrom([10, 0, 0], [9, 9, 9])).to.equal(true)
    expect(isFrom([22, 0, 0], [22, 0, 0])).to.equal(true)
    expect(isFrom([20, 20, 2], [22, 0, 0])).to.equal(false)
    expect(isFrom([6, 10, 0], [6, 2, 9])).to.equal(true)
    const part = fc.nat(99)
    const version = fc.tuple(part, part, part)
    const rank = ([major, minor, patch]: readonly [number, number, number]) =>
      major * 1e4 + minor * 100 + patch
    fc.assert(fc.property(version, version, (one, other) => isFrom(one, other) === rank(one) >= rank(other)))
  })
})

describe('What is said of peers that are left out', () => {
  const ofRedis = (found: FoundRedis) => lackOfRedis(bullmq, found)

  it('is nothing where all is there', () => {
    expect(ofRedis([6, 2, 0])).to.equal(undefined)
    expect(ofRedis([7, 0, 15])).to.equal(undefined)
    expect(lackOfNode(moleculer, [22, 0, 0], '')).to.equal(undefined)
    // Its engines let it run on Node 20 too.
    expect(lackOfNode(bullmq, [20, 19, 0], '')).to.equal(undefined)
  })

  it('names BullMQ, the Redis that is missing or too old, and how to get one, in one line', () => {
    const lines = [undefined, [6, 0, 16], 'unknown'].map((found) => ofRedis(found as FoundRedis))
    expect(lines[0]).to.include('redis-server is not on the PATH')
    expect(lines[1]).to.include('Redis 6.2.0 or newer').and.include('is 6.0.16')
    expect(lines[2]).to.include('does not say its version')
    for (const line of lines)
      expect(line).to.match(/^BullMQ 6\.7\.0 is left out: [^\n]*apt-get install redis-server[^\n]*$/)
  })

  it('names Moleculer, the Node that it needs, the one that runs, why there is no other, and where one is, in one line', () => {
    const line = lackOfNode(moleculer, [20, 20, 2], 'network request failed')
    expect(line).to.match(
      /^Moleculer 0\.15\.2 is left out: it needs Node 22 or newer, this is 20\.20\.2[^\n]*$/,
    )
    expect(line).to.include('network request failed').and.include('https://nodejs.org')
  })

  it('names what npm could not install, and why, in one line', () => {
    const line = lackOfPackages(moleculer, 'getaddrinfo ENOTFOUND')
    expect(line).to.match(
      /^Moleculer [^\n]*moleculer@0\.15\.2 nats@2\.29\.3 \(getaddrinfo ENOTFOUND\)[^\n]*$/,
    )
    expect(line).to.include('npm config get registry')
  })
})
