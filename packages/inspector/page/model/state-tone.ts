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
    'stopping',
    'ending',
  ],
  bad: ['failed', 'error'],
  over: ['departed', 'forgotten', 'closed', 'stopped', 'cancelled', 'skipped'],
}

const tones = new Map(
  Object.entries(words).flatMap(([tone, states]) => states.map((state) => [state, tone as Tone] as const)),
)

/** The tone of a state by its outermost word; a state that the page has not heard of is calm. */
export const toneOf = (state: string): Tone => tones.get(state.split(/[.|]/, 1)[0] ?? '') ?? 'calm'
