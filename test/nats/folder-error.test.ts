import { expect } from 'chai'
import { folderError } from '../../packages/transport/src/nats/broker/folder-error.js'

const errorOf = (about: Partial<NodeJS.ErrnoException>): Error =>
  Object.assign(new Error('it said no'), about)

describe('What the system says when a broker is started', () => {
  it('is told of the folder where it speaks of that', () => {
    for (const about of [
      ...['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'ENOSPC', 'EDQUOT'].map((code) => ({
        ...{ code, syscall: 'mkdir', path: '/data' },
      })),
      { code: 'ENOSPC', syscall: 'write' },
    ]) {
      const cause = errorOf(about)
      expect(folderError('/data', cause), about.code).to.include({
        ...{ code: 'folder_unusable', address: '/data', cause },
      })
    }
  })

  it('stays what it is where it speaks of a program, a port, a process or too many files', () => {
    for (const about of [
      { code: 'ENOENT', syscall: 'spawn nats-server', path: 'nats-server' },
      { code: 'EACCES', syscall: 'spawn nats-server', path: 'nats-server' },
      { code: 'EACCES', syscall: 'listen' },
      { code: 'EADDRNOTAVAIL', syscall: 'listen' },
      { code: 'EPERM', syscall: 'kill' },
      { code: 'EMFILE', syscall: 'open', path: '/data/lock' },
      {},
    ])
      expect(folderError('/data', errorOf(about)), JSON.stringify(about)).to.equal(undefined)
  })
})
