import type { CommandWords, OptionWords } from './command-words.js'

function optionSpec({ flag, about, value }: OptionWords): string {
  const told = `'${flag}[${about}]`
  if (value === 'none') return `${told}'`
  return value === 'free' ? `${told}:value:_files'` : `${told}:value:(${value.join(' ')})'`
}

const argumentSpec = (argument: readonly string[]): string =>
  argument.length === 0 ? `'*: :_files'` : `'1: :(${argument.join(' ')})'`

const commandCase = ({ name, options, argument }: CommandWords): string =>
  `    ${name}) _arguments ${[...options.map(optionSpec), argumentSpec(argument)].join(' ')} ;;`

/** Completion for zsh. */
export const zshScript = (commands: readonly CommandWords[]): string =>
  [
    '#compdef covey',
    '_covey() {',
    '  local -a commands=(',
    ...commands.map(({ name, about }) => `    '${name}:${about}'`),
    '  )',
    '  if (( CURRENT == 2 )); then',
    `    _describe command commands`,
    '    return',
    '  fi',
    '  local command=$words[2]',
    // What follows is completed as if the command stood first.
    '  shift words',
    '  (( CURRENT-- ))',
    '  case $command in',
    ...commands.map(commandCase),
    '  esac',
    '}',
    // Read by eval, or put into a folder of $fpath.
    `if [[ $funcstack[1] == _covey ]]; then _covey "$@"; else compdef _covey covey; fi`,
  ].join('\n')
