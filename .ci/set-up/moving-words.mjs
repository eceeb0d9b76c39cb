const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/**
 * Says lines; on a terminal, after a second without another one, how long the last one is under way moves below it,
 * until the next line or `stop()`. In a file or a pipe nothing moves.
 */
export const movingWords = (stream, prefix, { silenceMs = 1_000, frameMs = 100 } = {}) => {
  let timer
  let drawn = 0
  const stop = () => {
    clearTimeout(timer)
    if (drawn > 0) stream.write('\r\u001b[K')
    drawn = 0
  }
  const say = (text) => {
    stop()
    stream.write(`${prefix}${text}\n`)
    if (!stream.isTTY) return
    const sinceMs = Date.now()
    const draw = () => {
      const seconds = Math.floor((Date.now() - sinceMs) / 1_000)
      stream.write(`\r\u001b[K${frames[drawn % frames.length]} ${seconds} s`)
      drawn += 1
      timer = setTimeout(draw, frameMs)
    }
    timer = setTimeout(draw, silenceMs)
  }
  return { say, stop }
}
