import type { NodeState } from '@covey/actors'
import { counter, gauge, type Measure, sample, samplesBy, samplesOfState } from './measure.js'

const nodeStateTable: Readonly<Record<NodeState, true>> = {
  ...{ idle: true, dialing: true, joining: true, active: true },
  ...{ leaving: true, fenced: true, reentering: true, departed: true, failed: true },
}
const nodeStates = Object.keys(nodeStateTable)

/** What every node tells of itself, whatever its roles. */
export const nodeMeasures: readonly Measure[] = [
  gauge('covey_node_info', 'Version and roles of the node; always 1.', (_, { version, roles }) => [
    sample(1, { version, roles: roles.join(',') }),
  ]),
  gauge('covey_node_state', 'State of the node: 1 for the one that it is in.', ({ state }) =>
    samplesOfState(nodeStates, state),
  ),
  gauge('covey_node_generation', 'Generation of the node; it grows with every return.', ({ generation }) => [
    sample(generation),
  ]),
  gauge('covey_members', 'Nodes by state, as this node sees them, itself included.', ({ members }) =>
    samplesBy('state', members),
  ),
  gauge('covey_members_busy', 'Nodes that answer while their event loop is blocked.', ({ busyMembers }) => [
    sample(busyMembers),
  ]),
  gauge('covey_broker_up', 'Whether a connection to the broker is up.', ({ connections }) =>
    connections.map(({ connection, isUp }) => sample(isUp ? 1 : 0, { connection })),
  ),
  counter(
    'covey_broker_reconnects_total',
    'How often a connection to the broker came up again.',
    ({ connections }) => connections.map(({ connection, reconnects }) => sample(reconnects, { connection })),
  ),
  gauge('covey_actors', 'Actors of the node.', ({ actors }) => [sample(actors)]),
  counter('covey_dead_letters_total', 'Events for actors that were not there or took none.', (reading) => [
    sample(reading.deadLetters),
  ]),
  counter(
    'covey_frames_refused_total',
    'Frames refused at the door, by what their subject says they are.',
    ({ refusedFrames }) => samplesBy('kind', refusedFrames),
  ),
  counter('covey_notices_total', 'What the log of the node was told beside transitions.', ({ notices }) =>
    samplesBy('kind', notices),
  ),
]
