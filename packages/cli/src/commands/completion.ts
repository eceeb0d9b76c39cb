import { Argument } from 'commander'
import { type CommonOptions, type DefineCommand, describeCommand } from '../command-host.js'
import { bashScript } from '../completion/bash-script.js'
import { type CommandWords, commandWords } from '../completion/command-words.js'
import { fishScript } from '../completion/fish-script.js'
import { zshScript } from '../completion/zsh-script.js'

const scripts: ReadonlyMap<string, (commands: readonly CommandWords[]) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])

/** `covey completion`: what makes a shell complete commands and options, from the program's own table. */
export const defineCompletion: DefineCommand = (program, { terminal }) => {
  describeCommand(
    program.command('completion'),
    'write a script that lets a shell complete the commands and options of covey',
    'source <(covey completion bash)',
    'covey completion zsh > ~/.zsh/completions/_covey',
    'covey completion fish > ~/.config/fish/completions/covey.fish',
  )
    .addArgument(new Argument('<shell>', 'which shell').choices([...scripts.keys()]))
    .action((shell: string, { json }: CommonOptions) => {
      const words = commandWords(program)
      terminal.print(json ? JSON.stringify(words) : (scripts.get(shell) ?? bashScript)(words))
    })
}
