// A worker whose isolated workflows never return, and say which process they run in.
import { startNode } from 'covey'
import { spin, spinShared } from './isolated-spin.fixture.mjs'

const [, , server, cluster, timings] = process.argv
await startNode({
  ...{ server, cluster, name: 'w', roles: ['worker'], slots: 2, logger: 'silent' },
  ...{ timings: JSON.parse(timings), workflows: [spin, spinShared] },
})
