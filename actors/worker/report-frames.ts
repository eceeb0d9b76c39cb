import { charactersOf, limits, type Report } from '@covey/protocol'

/** Room for the envelope, and for the fields of a report beside its payload. */
const overheadBytes = 1_024
const creditBytes = 9
const bytesPerCharacter = 4

function sizeOf(report: Report): number {
  const counted = 'statistics' in report ? (report.statistics?.byteLength ?? 0) : 0
  const named = overheadBytes + report.credits.length * creditBytes + counted
  if (report.kind === 'completed') return named + report.result.byteLength
  if (report.kind !== 'failed') return named
  return named + charactersOf(report.error) * bytesPerCharacter
}

/** Cuts reports into as few frames as the limits of a message allow, by count and by bytes. */
export function framesOf(reports: readonly Report[]): Report[][] {
  const frames: Report[][] = []
  let frame: Report[] = []
  let bytes = overheadBytes
  for (const report of reports) {
    const size = sizeOf(report)
    const isFull = frame.length >= limits.commandsPerMessageMax || bytes + size > limits.payloadBytesMax
    if (isFull || frame.length === 0) {
      frame = []
      frames.push(frame)
      bytes = overheadBytes
    }
    frame.push(report)
    bytes += size
  }
  return frames
}
