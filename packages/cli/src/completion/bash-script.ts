import type { CommandWords, OptionWords } from './command-words.js'

/** After an option with a value: its words, or with none the names of files, which bash adds by itself. */
const valueCase = (command: string, { flag, value }: OptionWords): readonly string[] =>
  value === 'none' ? [] : [`    "${command} ${flag}") words="${value === 'free' ? '' : value.join(' ')}" ;;`]

const wordsCase = ({ name, options, argument }: CommandWords): readonly string[] => [
  `    ${name})`,
  `      if [[ $current == -* ]]; then words="${options.map(({ flag }) => flag).join(' ')}"`,
  `      else words="${argument.join(' ')}"; fi ;;`,
]

/** Completion for bash, 3.2 of macOS too. */
export const bashScript = (commands: readonly CommandWords[]): string =>
  [
    '_covey() {',
    `  local current="\${COMP_WORDS[COMP_CWORD]}" words=""`,
    `  local previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"`,
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${[...commands.map(({ name }) => name), '--help', '--version'].join(' ')}" -- "$current"))`,
    '    return',
    '  fi',
    '  case "$command $previous" in',
    ...commands.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option))),
    '    *) case "$command" in',
    ...commands.flatMap(wordsCase),
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _covey covey',
  ].join('\n')
