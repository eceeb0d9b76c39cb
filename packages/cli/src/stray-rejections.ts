/**
 * Lets a process that only works outlive a promise which user code has left behind and which rejects: that is a defect
 * of the function, not the end of all other work on the node. Says it once for each, and returns what ends the listening.
 * A manager runs no user code, and ends as Node ends everything that nobody handles.
 */
export function surviveStrayRejections(say: (line: string) => void): () => void {
  const tell = (reason: unknown): void => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    say(
      JSON.stringify({
        level: 50,
        kind: 'defect',
        msg: `a promise that nobody awaits was rejected: ${text}`,
      }),
    )
  }
  process.on('unhandledRejection', tell)
  return () => {
    process.off('unhandledRejection', tell)
  }
}
