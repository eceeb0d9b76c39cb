import { isId } from './ids.js'
import { limits } from './limits.js'
import {
  type AgreedTerm,
  agreedTerms,
  type ChannelName,
  channelNames,
  type FactPhase,
  factPhases,
  type NewsKind,
  type NodeOperation,
  newsKinds,
  nodeOperations,
  type SnapshotPlace,
} from './subjects.js'
import type { TokenText } from './token.js'

/** A subject taken apart: who or what it is about. */
export type ParsedSubject =
  | { readonly kind: 'fact'; readonly node: string; readonly generation: number; readonly phase: FactPhase }
  | {
      readonly kind: 'node'
      readonly node: string
      readonly generation: number
      /** `channel` is one of an application's. */
      readonly operation: NodeOperation | `channel.${ChannelName}` | 'channel'
    }
  | { readonly kind: 'agreed'; readonly term: AgreedTerm }
  | { readonly kind: 'news'; readonly news: NewsKind; readonly node: string }
  | { readonly kind: 'command'; readonly shard: number }
  | { readonly kind: 'batch'; readonly shard: number }
  | { readonly kind: 'claim'; readonly shard: number; readonly epoch: number }
  | {
      readonly kind: 'outbox'
      readonly shard: number
      readonly node: string
      readonly generation: number
      readonly workflow: string
      readonly token: TokenText
    }
  | {
      readonly kind: 'snapshot'
      readonly shard: number
      readonly place: SnapshotPlace
      readonly part: number
    }
  | {
      readonly kind: 'result'
      readonly shard: number
      readonly workflow: string
      readonly token: TokenText
      readonly part: number
    }
  | { readonly kind: 'transition'; readonly node: string; readonly machine: string; readonly actor: string }
  | { readonly kind: 'tap'; readonly node: string }
  | { readonly kind: 'progress' | 'statistics'; readonly shard: number; readonly workflow: string }

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

const oneOf = <Text extends string>(list: readonly Text[], text: string | undefined): Text | undefined =>
  list.find((item) => item === text)

function parseNode([node = '', generationText, ...rest]: string[]): ParsedSubject | undefined {
  const generation = number(generationText)
  if (!isId(node) || generation === undefined) return undefined
  if (rest.length === 2 && rest[0] === 'channel') {
    const [, text = ''] = rest
    const name = oneOf(channelNames, text)
    if (name === undefined && !isId(text)) return undefined
    return { kind: 'node', node, generation, operation: name === undefined ? 'channel' : `channel.${name}` }
  }
  const operation = rest.length === 1 ? oneOf(nodeOperations, rest[0]) : undefined
  return operation && { kind: 'node', node, generation, operation }
}

function parseFact([node = '', generationText, phaseText, ...rest]: string[]): ParsedSubject | undefined {
  const generation = number(generationText)
  const phase = oneOf(factPhases, phaseText)
  if (!isId(node) || generation === undefined || phase === undefined || rest.length > 0) return undefined
  return { kind: 'fact', node, generation, phase }
}

function parseLog([shardText, kind, epochText, ...rest]: string[]): ParsedSubject | undefined {
  const shard = number(shardText)
  if (shard === undefined || rest.length > 0) return undefined
  if (kind === 'batch' && epochText === undefined) return { kind, shard }
  const epoch = number(epochText)
  return kind === 'claim' && epoch !== undefined ? { kind, shard, epoch } : undefined
}

function parseOutbox([shardText, node = '', generationText, job = '', step = '', ...token]: string[]):
  | ParsedSubject
  | undefined {
  const shard = number(shardText)
  const generation = number(generationText)
  if (shard === undefined || generation === undefined || token.length !== 4) return undefined
  if (![node, job, step].every(isId) || token.some((part) => number(part) === undefined)) return undefined
  return { kind: 'outbox', shard, node, generation, workflow: `${job}/${step}`, token: token.join('.') }
}

function parseResult(shard: number, [job = '', step = '', ...rest]: string[]): ParsedSubject | undefined {
  const [part, ...token] = rest.toReversed()
  if (!isId(job) || !isId(step) || token.length !== 4) return undefined
  const numbers = rest.map(number)
  if (part === undefined || numbers.some((each) => each === undefined)) return undefined
  const attempt = token.toReversed().join('.')
  return { kind: 'result', shard, workflow: `${job}/${step}`, token: attempt, part: Number(part) }
}

function parseObject([shardText, kind, ...rest]: string[]): ParsedSubject | undefined {
  const shard = number(shardText)
  if (kind === 'result' && shard !== undefined) return parseResult(shard, rest)
  const [streamEpoch, epoch, sequence, part] = rest.map(number)
  if (kind !== 'snapshot' || rest.length !== 4 || shard === undefined) return undefined
  if (streamEpoch === undefined || epoch === undefined || sequence === undefined || part === undefined)
    return undefined
  return { kind, shard, place: { streamEpoch, epoch, sequence }, part }
}

function parseShort(area: string, rest: string[]): ParsedSubject | undefined {
  const [first = '', second = '', third = ''] = rest
  const news = oneOf(newsKinds, area)
  if (news) return rest.length === 1 && isId(first) ? { kind: 'news', news, node: first } : undefined
  const term = area === 'agreed' && rest.length === 1 ? oneOf(agreedTerms, first) : undefined
  if (term) return { kind: 'agreed', term }
  const shard = number(first)
  if (area === 'shard' && rest.length === 2 && second === 'command' && shard !== undefined) {
    return { kind: 'command', shard }
  }
  const told = oneOf(['progress', 'statistics'], area)
  if (told && rest.length === 3 && shard !== undefined && isId(second) && isId(third)) {
    return { kind: told, shard, workflow: `${second}/${third}` }
  }
  if (area === 'tap' && rest.length === 1 && isId(first)) return { kind: 'tap', node: first }
  if (area === 'transition' && rest.length === 3 && isId(first)) {
    return { kind: 'transition', node: first, machine: second, actor: third }
  }
  return undefined
}

/** What subjects were made of that came before: the same few come all the time, each to many. */
const parsed = new Map<string, ParsedSubject>()

/** Takes a subject of the cluster apart; `undefined` for one that no rule of names knows. What it gives is frozen. */
export function parseSubject(cluster: string, subject: string): ParsedSubject | undefined {
  const prefix = `covey.${cluster}.`
  if (!subject.startsWith(prefix)) return undefined
  // No cluster's prefix is the start of another one's: a name has no dot.
  const known = parsed.get(subject)
  if (known !== undefined) return known
  const parts = partsOf(prefix, subject)
  if (parts === undefined) return undefined
  if (parsed.size >= limits.subjectsParsedMax) parsed.clear()
  parsed.set(subject, Object.freeze(parts))
  return parts
}

function partsOf(prefix: string, subject: string): ParsedSubject | undefined {
  const [area = '', ...rest] = subject.slice(prefix.length).split('.')
  if (area === 'member') return parseFact(rest)
  if (area === 'node') return parseNode(rest)
  if (area === 'log') return parseLog(rest)
  if (area === 'outbox') return parseOutbox(rest)
  if (area === 'object') return parseObject(rest)
  return parseShort(area, rest)
}
