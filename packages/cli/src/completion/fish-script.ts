import type { CommandWords, OptionWords } from './command-words.js'

const inCommand = (name: string): string => `complete -c covey -n '__fish_seen_subcommand_from ${name}'`

function takesText(value: OptionWords['value']): string {
  if (value === 'none') return ''
  return value === 'free' ? ' -r -F' : ` -x -a '${value.join(' ')}'`
}

const optionLine = (command: string, { flag, about, value }: OptionWords): string =>
  `${inCommand(command)} -l ${flag.replace(/^--/, '')}${takesText(value)} -d '${about}'`

const linesOf = ({ name, about, options, argument }: CommandWords): readonly string[] => [
  `complete -c covey -f -n __fish_use_subcommand -a ${name} -d '${about}'`,
  ...options.map((option) => optionLine(name, option)),
  ...(argument.length === 0 ? [] : [`${inCommand(name)} -f -a '${argument.join(' ')}'`]),
]

/** Completion for fish. */
export const fishScript = (commands: readonly CommandWords[]): string => commands.flatMap(linesOf).join('\n')
