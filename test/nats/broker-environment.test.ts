import { expect } from 'chai'
import { brokerEnvironment } from '../../packages/transport/src/nats/broker/broker-environment.js'

describe('The environment of an embedded broker', () => {
  it('leaves half of the cores to the nodes, and the broker one at least', () => {
    expect([1, 2, 3, 8].map((cores) => brokerEnvironment({}, cores).GOMAXPROCS)).to.deep.equal([
      '1',
      '1',
      '1',
      '4',
    ])
  })

  it('says nothing where the user has said something', () => {
    const environment = { GOMAXPROCS: '7', GOGC: 'off', PATH: '/bin' }
    expect(brokerEnvironment(environment, 2)).to.deep.equal(environment)
  })
})
