import { expect } from 'chai'
import { startNode } from 'covey'
import { rejection } from '../covey/client-world.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

describe('A broker that may store little', () => {
  let server: PlainServer | undefined
  afterEach(async () => server?.stop())

  it('is refused by a manager, which says how much it has to reserve, and where', async () => {
    server = await startPlainServer('jetstream { store_dir: "DIR", max_file_store: 8MB }\n')
    const error = await rejection(startNode({ name: 'm1', server: server.url, logger: 'silent' }))
    expect(error).to.include({ code: 'storage_full', address: 'covey-default-facts' })
    expect(error)
      .to.have.property('mend')
      .that.matches(/max_file_store .* at least 8 GiB/)
  })
})
