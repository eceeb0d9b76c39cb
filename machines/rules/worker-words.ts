import { type AttemptWord, isEnding } from './attempt-words.js'
import { say } from './dispatch-admission.js'
import type { ClockReading } from './lease-clock.js'
import { type Decided, nothingDecided, promise } from './slot-book.js'
import { noteAttemptsEnded } from './slot-sharing.js'
import { onBooks, type Update, type WorkerContext } from './worker-books.js'

/** A word on an attempt, with the shard that it belongs to. */
export interface ShardWord {
  readonly shard: number
  readonly word: AttemptWord
}

/** Adds the credits to the words of attempts; an ending word also ends the attempt in the book. */
export function takeWords(context: WorkerContext, now: ClockReading, words: readonly ShardWord[]): Update {
  // Where slots are shared, what the ended ones free is shared before any of it is promised.
  if (context.books.length === 1) return sayWords(context, now, words, nothingDecided())
  const ended = endAttempts(context, now, words)
  return sayWords({ ...context, ...ended }, now, words, ended.decided)
}

const endAttempts = (context: WorkerContext, now: ClockReading, words: readonly ShardWord[]): Update =>
  onBooks(
    context,
    now,
    (shard) => words.some((said) => said.shard === shard),
    (book) => {
      const ending = words.filter(({ shard, word }) => shard === book.shard && isEnding(word))
      noteAttemptsEnded(
        book,
        ending.map(({ word }) => word.token),
      )
    },
  )

function sayWords(
  context: WorkerContext,
  now: ClockReading,
  words: readonly ShardWord[],
  decided: Decided,
): Update {
  const shards = new Set(words.map(({ shard }) => shard))
  return onBooks(
    context,
    now,
    (shard) => shards.has(shard),
    (book) => {
      for (const { shard, word } of words) {
        const attempt = shard === book.shard ? book.attempts.get(word.token) : undefined
        if (attempt === undefined) continue
        const credits = isEnding(word) ? promise(book, word.token, attempt) : []
        say(book, { credits: [...credits], ...word }, decided)
      }
    },
    decided,
  )
}
