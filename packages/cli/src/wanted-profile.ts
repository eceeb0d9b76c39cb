import { CoveyError, type Profile, profiles } from '@covey/protocol'
import { Option } from 'commander'
import type { Terminal } from './terminal.js'

/** The option `--profile`, which two commands have. */
export const profileOption = (): Option =>
  new Option(
    '--profile <profile>',
    'how far nodes are from their broker, on all nodes alike (default: COVEY_PROFILE, else lan)',
  ).choices(profiles)

/** The profile that is wanted: by the option, else by `COVEY_PROFILE`. Throws `invalid_options`. */
export function wantedProfile({ environment }: Terminal, option: Profile | undefined): Profile | undefined {
  // A variable that is empty is as good as none.
  const text = option ?? (environment.COVEY_PROFILE || undefined)
  if (text === undefined) return undefined
  const found = profiles.find((profile) => profile === text)
  if (found !== undefined) return found
  throw new CoveyError('invalid_options', `COVEY_PROFILE: there is no profile ${JSON.stringify(text)}`, {
    address: 'COVEY_PROFILE',
    mend: `known are ${profiles.join(', ')}`,
  })
}
