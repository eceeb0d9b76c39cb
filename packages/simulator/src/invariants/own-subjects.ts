import type { DefineInvariant } from './invariant.js'

/** The states in which a node holds its generation. */
const holding = ['joining', 'active', 'leaving', 'fenced']

/** Invariant 20: a message to one generation of a node is handled by that generation and no other. */
export const ownSubjects: DefineInvariant = ({ changed }) => ({
  name: 'own-subjects',
  look: () =>
    changed().flatMap(({ address, passed }) =>
      passed.handed
        .splice(0)
        .flatMap(({ subject, generation, standing }) =>
          generation === standing.generation && holding.includes(standing.state)
            ? []
            : [`${address} handled ${subject}, and was ${standing.state} under ${standing.generation}`],
        ),
    ),
})
