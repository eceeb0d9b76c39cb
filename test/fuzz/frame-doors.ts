import type { FuzzedCluster } from './fuzzed-cluster.js'

/** One place where frames from outside come in. */
export interface FrameDoor {
  /** Where a frame is sent; stores take each record under a subject of its own. */
  readonly subject: (number: number) => string
  /** The messages that belong there: what fits none of them has to be refused. */
  readonly kinds: readonly string[]
  /** How many doors hear it. */
  readonly hearers: number
  readonly by: 'bus' | 'facts' | 'outbox' | 'log'
}

/** Every subject on which a manager, a worker or a client of the cluster listens. */
export function frameDoors({ subjects, heard }: FuzzedCluster): FrameDoor[] {
  const on = (subject: string, ...kinds: string[]): FrameDoor => ({
    subject: () => subject,
    kinds,
    hearers: 1,
    by: 'bus',
  })
  const inboxes = [...heard].map((subject) =>
    on(subject, /\.\d+$/.test(subject) ? 'watch.state' : 'client.outcomes'),
  )
  const nodes = ['manager', 'worker'].flatMap((node) => [
    on(
      subjects.node(node, 1, 'probe'),
      ...['node.probe', 'probe.relay', 'member.accused', 'member.records', 'member.sum', 'member.digest'],
    ),
    on(subjects.node(node, 1, 'session'), 'session.hello'),
    on(subjects.node(node, 1, 'drain'), 'node.drain'),
    on(subjects.channel(node, 1, 'watch'), 'watch.open'),
    on(subjects.channel(node, 1, 'inspect'), 'inspect.ask'),
    on(subjects.channel(node, 1, 'tap'), 'tap.open'),
    on(subjects.channel(node, 1, 'chat'), 'channel.message'),
  ])
  const news = (['bye', 'gossip', 'vote'] as const).map((kind) => ({
    ...on(subjects.news(kind, 'ghost'), `member.${kind}`),
    hearers: 2,
  }))
  const facts = (['joined', 'active', 'leaving', 'departed'] as const).map((phase) => ({
    subject: (number: number) => subjects.fact('ghost', number, phase),
    kinds: [`member.${phase}`],
    hearers: 3,
    by: 'facts' as const,
  }))
  const outbox: FrameDoor = {
    subject: (number) => subjects.outbox(0, 'ghost', 1, 'job/main', `1.1.${number}.0`),
    kinds: ['outbox.report'],
    hearers: 1,
    by: 'outbox',
  }
  return [
    ...inboxes,
    ...nodes,
    ...news,
    ...facts,
    outbox,
    on(subjects.channel('manager', 1, 'exited'), 'node.exited'),
    on(subjects.channel('manager', 1, 'evict'), 'node.evict'),
    on(subjects.channel('manager', 1, 'readmit'), 'node.readmit'),
    on(subjects.node('worker', 1, 'run'), 'worker.run'),
    on(subjects.node('worker', 1, 'cancel'), 'worker.cancel'),
    on(subjects.node('worker', 1, 'ask'), 'worker.ask'),
    on(subjects.channel('worker', 1, 'statistics'), 'statistics.ask'),
    on(subjects.command(0), 'client.commands', 'worker.renew', 'worker.report', 'manager.handOver'),
    on(subjects.transition('ghost', 'peer', 'a'), 'actor.transition'),
    on(subjects.progress(0, 'job/main'), 'workflow.progress'),
  ]
}
