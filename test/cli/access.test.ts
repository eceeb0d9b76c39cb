import { expect } from 'chai'
import { wantedAccess, withoutAccess } from '../../packages/cli/src/wanted-access.js'

const wanted = (environment: Record<string, string>) => wantedAccess({ environment })

describe('the access of the command to a broker', () => {
  it('is none unless variables say so, and empty ones do not', () => {
    expect(wanted({})).to.deep.equal({})
    expect(wanted({ COVEY_USER: '', COVEY_PASSWORD: '', COVEY_TLS_CA: '', COVEY_NAME: '' })).to.deep.equal({})
  })

  it('is a user, whose name is that of its inbox too', () => {
    const credentials = { user: 'c1', password: 'p' }
    expect(wanted({ COVEY_USER: 'c1', COVEY_PASSWORD: 'p' })).to.deep.equal({ credentials, name: 'c1' })
    expect(wanted({ COVEY_USER: 'c1', COVEY_PASSWORD: 'p', COVEY_NAME: 'n' })).to.include({ name: 'n' })
  })

  it('is a token, a file of credentials or one of a key, and files of TLS', () => {
    expect(wanted({ COVEY_TOKEN: 't' })).to.deep.equal({ credentials: { token: 't' } })
    expect(wanted({ COVEY_CREDS: 'f' })).to.deep.equal({ credentials: { credsFile: 'f' } })
    expect(wanted({ COVEY_NKEY: 'f', COVEY_NAME: 'c1' })).to.deep.equal({
      credentials: { nkeyFile: 'f' },
      name: 'c1',
    })
    expect(wanted({ COVEY_TLS_CA: 'a', COVEY_TLS_CERT: 'c', COVEY_TLS_KEY: 'k' })).to.deep.equal({
      tls: { caFile: 'a', certFile: 'c', keyFile: 'k' },
    })
  })

  it('is refused where it is not whole, or two', () => {
    for (const environment of [
      { COVEY_USER: 'c1' },
      { COVEY_PASSWORD: 'p' },
      { COVEY_TOKEN: 't', COVEY_NKEY: 'f' },
    ] as const)
      expect(() => wanted(environment))
        .to.throw('do not fit together')
        .that.includes({ code: 'invalid_options' })
  })

  it('is refused where its name is no id, with the variable and what to set', () => {
    const way = { COVEY_USER: 'ann@example.org', COVEY_PASSWORD: 'p' }
    expect(() => wanted(way))
      .to.throw('COVEY_USER: "ann@example.org" cannot name an inbox')
      .that.includes({ code: 'invalid_id', address: 'COVEY_USER' })
      .and.has.property('mend')
      .that.includes('set COVEY_NAME')
    expect(() => wanted({ ...way, COVEY_NAME: 'a b' }))
      .to.throw('COVEY_NAME: "a b"')
      .that.includes({ address: 'COVEY_NAME' })
    expect(wanted({ ...way, COVEY_NAME: 'ann' })).to.include({ name: 'ann' })
  })

  it('is not that of nodes whose broker covey up has started, which asks for nothing', () => {
    const environment = { COVEY_USER: 'c1', COVEY_TLS_CA: 'a', PATH: 'p' }
    expect(withoutAccess(environment)).to.deep.equal({ PATH: 'p' })
  })
})
