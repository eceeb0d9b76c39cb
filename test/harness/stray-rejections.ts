// A promise that is rejected and that nobody awaits ends a process of ours; mocha alone would not say a word of it.
process.on('unhandledRejection', (error) => {
  throw error
})
