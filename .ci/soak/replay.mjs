/** The command that runs a seed of a soak again, in a world of the same size under the same kinds of faults. */
export const replayCommand = ({ seed, nodes, minutes, pauseMs, jobs, shards = 1 }, faults) =>
  [
    `npx covey sim --seed ${seed} --nodes ${nodes} --minutes ${minutes}`,
    ...(jobs === undefined ? [] : [`--pause ${pauseMs / 1_000} --jobs ${jobs}`]),
    ...(shards === 1 ? [] : [`--shards ${shards}`]),
    ...(faults === 'all' ? [] : [`--faults ${faults}`]),
  ].join(' ')
