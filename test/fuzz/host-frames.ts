import {
  hostAbort,
  hostDefect,
  hostEnded,
  hostExtend,
  hostExtended,
  hostFailed,
  hostProgress,
  hostReady,
  hostRun,
  hostStatistics,
  packValue,
} from '@covey/protocol'

const token = '1.1.5.0'
const value = packValue('result')
const error = { code: 'host_ended', message: 'gone' } as const
const dispatch = {
  ...{ token, workflow: 'job/main', credits: [1], name: 'double', version: '1', attempt: 1 },
  ...{ timeoutMs: 1_000, exclusive: true, input: packValue(21) },
} as const

/** One valid frame of each kind that a node and a host of isolated code say to each other. */
export const hostFrames: readonly (readonly [string, Uint8Array])[] = [
  ['host.run', hostRun.encode({ dispatch, results: { before: value }, node: 'w1' })],
  ['host.abort', hostAbort.encode({ token, error })],
  ['host.ready', hostReady.encode({ workflows: [{ name: 'double', version: '1' }] })],
  ['host.failed', hostFailed.encode({ error })],
  ['host.progress', hostProgress.encode({ token, value })],
  ['host.statistics', hostStatistics.encode({ token, value })],
  ['host.extend', hostExtend.encode({ token, number: 1, progress: 3, wantedMs: 500 })],
  ['host.extended', hostExtended.encode({ token, number: 1, grantedMs: 0, reason: 'it is being stopped' })],
  ['host.defect', hostDefect.encode({ token, message: 'too large' })],
  ['host.ended', hostEnded.encode({ token, ending: { type: 'code.completed', result: value } })],
]
