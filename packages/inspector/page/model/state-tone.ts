/** How a state feels, for its colour; the word itself is always beside it. */
export type Tone = 'good' | 'busy' | 'calm' | 'care' | 'bad' | 'over'

const words: Record<Tone, readonly string[]> = {
  good: ['active', 'open', 'ready', 'serving', 'leading', 'completed', 'done'],
  busy: [
    'running',
    'assigned',
    'starting',
    'joining',
    'dialing',
    'handshaking',
    'claiming',
    'full',
    'reporting',
  ],
  calm: ['idle', 'waiting', 'queued', 'following', 'registering', 'unverified'],
  care: [
    'suspect',
    'backoff',
    'backingOff',
    'cancelling',
    'fencing',
    'fenced',
    'reentering',
    'leaving',
    'draining',
    'releasing',
    'withdrawing',
    'stopping',
    'ending',
    'busy',
    'stressed',
    'halfOpen',
  ],
  bad: ['failed', 'error', 'overloaded'],
  over: ['withdrawn', 'departed', 'forgotten', 'closed', 'stopped', 'cancelled', 'skipped'],
}

const tones = new Map(
  Object.entries(words).flatMap(([tone, states]) => states.map((state) => [state, tone as Tone] as const)),
)

/** What is well for a connection is not for a breaker. */
const breakerTones: Readonly<Record<string, Tone>> = { closed: 'good', open: 'bad' }

/** The tone of a state by its outermost word; a state that the page has not heard of is calm. */
export function toneOf(state: string, kind = ''): Tone {
  const [word = ''] = state.split(/[.|]/, 1)
  return (kind === 'breaker' ? breakerTones[word] : undefined) ?? tones.get(word) ?? 'calm'
}
