import type { Argument, Command, Option } from 'commander'

/** An option as a shell completes it. */
export interface OptionWords {
  readonly flag: string
  readonly about: string
  /** What may follow it: nothing, one of some words, or a text that only its user knows, often a path. */
  readonly value: readonly string[] | 'none' | 'free'
}

/** A command as a shell completes it. */
export interface CommandWords {
  readonly name: string
  readonly about: string
  readonly options: readonly OptionWords[]
  /** The words that its first argument may be; empty where only its user knows. */
  readonly argument: readonly string[]
}

/** One line without what shells take for their own. */
const plain = (text: string): string =>
  text
    .replace(/'/g, '')
    .replace(/[;:]/g, ',')
    .replace(/[^\w ,.()/-]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim()

const optionWords = ({ long, short, description, argChoices, required, optional }: Option): OptionWords => ({
  flag: long ?? short ?? '',
  about: plain(description),
  value: required || optional ? (argChoices ?? 'free') : 'none',
})

function argumentWords([first]: readonly Argument[], names: readonly string[]): readonly string[] {
  return first?.name() === 'command' ? names : (first?.argChoices ?? [])
}

/** What a program takes, from its own table of commands and options. */
export function commandWords(program: Command): readonly CommandWords[] {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const names = commands.map((command) => command.name())
  return commands.map((command) => ({
    name: command.name(),
    about: plain(command.description()),
    options: help.visibleOptions(command).map(optionWords),
    argument: argumentWords(command.registeredArguments, names),
  }))
}
