import { setup } from 'xstate'

/** A small machine with a timer and an end. */
export const doorMachine = setup({
  types: { events: {} as { type: 'door.open' } | { type: 'door.shut' } | { type: 'door.close' } },
  delays: { shutMs: 500 },
}).createMachine({
  id: 'door',
  initial: 'shut',
  states: {
    shut: { on: { 'door.open': 'open' } },
    open: { after: { shutMs: 'shut' }, on: { 'door.shut': 'shut', 'door.close': 'closed' } },
    closed: { type: 'final' },
  },
})
