import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { BrowserClock } from './browser-clock.js'
import type { Connection, LinkState } from './connection.js'
import type { PageState } from './model/page-state.js'
import { Refusal } from './open-questions.js'
import type { PageStore } from './page-store.js'

/** What every view may reach. */
export interface PageTools {
  readonly clock: BrowserClock
  readonly store: PageStore<PageState>
  readonly link: PageStore<LinkState>
  readonly connection: Connection
}

/** Carries the {@link PageTools}. */
export const PageContext = createContext<PageTools | null>(null)

/** The tools of this page. */
export function useTools(): PageTools {
  const tools = useContext(PageContext)
  if (tools === null) throw new Error('the views of the page stand inside of its context')
  return tools
}

/** A part of what the page knows; `select` has to give the same value for the same state. */
export function usePage<Part>(select: (state: PageState) => Part): Part {
  const { store } = useTools()
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}

/** Whether the page hears its server. */
export function useLink(): LinkState {
  const { link } = useTools()
  return useSyncExternalStore(link.subscribe, link.get)
}

/** The time, renewed each `periodMs`. */
export function useNow(periodMs = 1_000): number {
  const { clock } = useTools()
  const [now, setNow] = useState(clock.now)
  useEffect(() => clock.every(periodMs, () => setNow(clock.now())), [clock, periodMs])
  return now
}

/** The newest answer to a question, and why the last try to get one failed. */
export interface Asked<Answer> {
  readonly answer: Answer | undefined
  readonly refusal: Refusal | undefined
}

const nothing = { answer: undefined, refusal: undefined }

/**
 * Asks now, and again `periodMs` after each answer, as long as the view is there. `key` names the question: with
 * another key the answer to the one before is forgotten, or with `keeps` stays until the new one is there; `null`
 * asks nothing.
 */
export function useAsked<Answer>(
  key: string | null,
  periodMs: number,
  ask: (connection: Connection) => Promise<Answer>,
  keeps = false,
): Asked<Answer> {
  const { clock, connection } = useTools()
  const { type } = useLink()
  const [asked, setAsked] = useState<Asked<Answer> & { readonly key: string | null }>({ ...nothing, key })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names the question, the function is new each time
  useEffect(() => {
    if (key === null || type !== 'open') return undefined
    let isOver = false
    let stop: () => void = () => undefined
    const again = (): void => {
      if (!isOver && Number.isFinite(periodMs)) stop = clock.after(periodMs, turn)
    }
    const turn = (): void => {
      ask(connection)
        .then(
          (answer) => isOver || setAsked({ answer, refusal: undefined, key }),
          (refusal: unknown) =>
            isOver ||
            setAsked((before) => ({
              answer: before.key === key ? before.answer : undefined,
              refusal: refusal instanceof Refusal ? refusal : undefined,
              key,
            })),
        )
        .finally(again)
    }
    turn()
    return () => {
      isOver = true
      stop()
    }
  }, [key, periodMs, type, connection, clock])
  return asked.key === key || keeps ? asked : nothing
}
