import type { Member, MemberState, Notice } from '@covey/actors'
import {
  activeFact,
  contactText,
  departedFact,
  type FactPhase,
  factPhases,
  joinedFact,
  leavingFact,
  limits,
  parseSubject,
  type Subjects,
} from '@covey/protocol'
import type { Fact, Facts } from '@covey/transport'
import { Observable, ReplaySubject, share } from 'rxjs'

const stateOfPhase: Readonly<Record<FactPhase, MemberState>> = {
  joined: 'joining',
  active: 'active',
  leaving: 'leaving',
  departed: 'departed',
}

/** What the later facts of a generation have to be: nobody is shown as gone by what its peers refuse. */
const laterFacts = { active: activeFact, leaving: leavingFact, departed: departedFact } as const

/** Names that came and went take no room from those that live: the first goes that has departed. */
function forgetDeparted(members: Map<string, Member>): void {
  const departed = [...members.values()].find(({ state }) => state === 'departed')
  if (departed !== undefined) members.delete(departed.nodeId)
}

/** Folds one fact into the newest generation of its node; `false` where it tells nothing new. Throws `invalid_message`. */
function fold(members: Map<string, Member>, cluster: string, fact: Fact): boolean {
  const parsed = parseSubject(cluster, fact.subject)
  if (parsed?.kind !== 'fact') return false
  const { node: nodeId, generation, phase } = parsed
  const known = members.get(nodeId)
  if (phase === 'joined') {
    if (known !== undefined && known.generation >= generation) return false
    const { roles, slots, host, pid, since, contacts = [], labels = [] } = joinedFact.decode(fact.data)
    const addresses = contacts.length === 0 ? {} : { addresses: contacts.map(contactText) }
    members.set(nodeId, {
      nodeId,
      generation,
      state: 'joining',
      roles,
      slots,
      host,
      pid,
      since,
      labels,
      ...addresses,
    })
    if (members.size > limits.membersMax) forgetDeparted(members)
    return true
  }
  laterFacts[phase].decode(fact.data)
  if (known?.generation !== generation || phaseOf(known.state) >= factPhases.indexOf(phase)) return false
  members.set(nodeId, { ...known, state: stateOfPhase[phase] })
  return true
}

const phaseOf = (state: MemberState): number => factPhases.findIndex((phase) => stateOfPhase[phase] === state)

/**
 * All nodes as the facts say, by the newest generation of each: the list when all facts have been read, then again after
 * each turn that changed it. Shared by all who subscribe; the facts are watched while somebody does.
 */
export function memberList(
  facts: Facts,
  subjects: Subjects,
  notice: (notice: Notice) => void,
): Observable<readonly Member[]> {
  return new Observable<readonly Member[]>((subscriber) => {
    const members = new Map<string, Member>()
    let caughtUp = false
    let isDue = false
    const tell = (): void => {
      if (isDue || !caughtUp) return
      isDue = true
      queueMicrotask(() => {
        isDue = false
        subscriber.next([...members.values()])
      })
    }
    return facts.watch(subjects.facts, {
      onFact(fact) {
        try {
          if (fold(members, subjects.cluster, fact)) tell()
        } catch (error) {
          notice({ kind: 'frame.refused', subject: fact.subject, error })
        }
      },
      onCaughtUp() {
        caughtUp = true
        tell()
      },
    })
  }).pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: true }))
}
