import { seconds } from '../processes.mjs'
import { installDebian } from './debian.mjs'
import { isProgram, onPath } from './programs.mjs'

const byHand = [
  'no Chromium was found, and this machine does not let the set-up install it. What to do:',
  '  Debian          sudo apt-get install -y --no-install-recommends chromium',
  'or name the binary in COVEY_CHROMIUM. Going on without it: the tests of the page in a browser are skipped.',
].join('\n')

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The browser that tests of the page run in: COVEY_CHROMIUM, else the first on the path; undefined where none is. */
export const findBrowser = () => {
  const named = process.env.COVEY_CHROMIUM
  if (named !== undefined) return isProgram(named) ? named : undefined
  return names.map(onPath).find((path) => path !== undefined)
}

/** Finds a Chromium or installs it. Where that is not possible it says what to do and goes on. */
export const ensureBrowser = async (say) => {
  const named = process.env.COVEY_CHROMIUM
  if (named !== undefined && !isProgram(named))
    say(`COVEY_CHROMIUM names ${named}, which is no program that this user can run`)
  if (named !== undefined || findBrowser()) return
  const result = await installDebian('chromium', {
    say,
    about: 'about 100 MB), for the tests of the inspector in a browser',
  })
  if (result === undefined) say(byHand)
  else if (result.code === 0 && findBrowser()) say(`chromium is installed (${seconds(result.elapsedMs)})`)
  else say(`${result.output.trim().split('\n').slice(-10).join('\n')}\n${byHand}`)
}
