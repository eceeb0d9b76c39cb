// Stands in for the worker of a soak: some seeds are violated, and one ends the process.
process.on('SIGINT', () => undefined)
process.on('message', ({ seed }) => {
  if (seed === 13) process.exit(3)
  const violation = seed % 5 === 0 ? { invariant: 'no-fives', what: 'a five', atMs: 1 } : undefined
  process.send({ seed, nodes: 3, minutes: 1, nodeHours: 0.25, violation })
})
