import {
  type Answer,
  answersMessage,
  type Command,
  commandsMessage,
  type Outcome,
  outcomesMessage,
  packValue,
  type Step,
  type StreamPlace,
} from '@covey/protocol'
import type { Links } from '@covey/transport'
import type { ShardWorld } from './shard-world.js'

/** A step for tests: it runs `work`. */
export const step = (name: string, after: string[] = [], workflow = 'work'): Step => ({
  step: name,
  name: workflow,
  input: packValue({ step: name }),
  after,
})

type WithoutNumber<Body> = Body extends { number: number } ? Omit<Body, 'number'> : never

/** A client that sends one command at a time, exactly as told. */
export class ScriptedClient {
  readonly links: Links
  readonly outcomes: Outcome[] = []
  readonly inbox: string
  /** How far it says to have seen the log. */
  seen: StreamPlace | undefined
  readonly #world: ShardWorld
  #number = 1_000

  constructor(world: ShardWorld, name = 'client') {
    this.#world = world
    this.links = world.broker.open(name)
    this.inbox = this.links.control.inbox()
    this.links.control.subscribe(this.inbox, ({ data }) => {
      this.outcomes.push(...outcomesMessage.decode(data).outcomes)
    })
  }

  /** Sends one command; `undefined` when nobody answered within `deadlineMs`. */
  command(command: WithoutNumber<Command>, deadlineMs = 2_000): Promise<Answer | undefined> {
    this.#number += 1
    return this.numbered(command, this.#number, deadlineMs)
  }

  /** Sends one command under a number, as when it is repeated. */
  async numbered(
    command: WithoutNumber<Command>,
    number: number,
    deadlineMs = 2_000,
  ): Promise<Answer | undefined> {
    const data = commandsMessage.encode({
      client: 'client',
      commands: [{ ...command, number } as Command],
      ...(this.seen && { seen: this.seen }),
    })
    const outcome = await this.links.control.request(this.#world.subjects.command(0), data, deadlineMs)
    return outcome.kind === 'reply' ? answersMessage.decode(outcome.data).answers[0] : undefined
  }

  /** Sends several commands in one frame, and gives the answers of the first frame that comes back. */
  async commands(commands: WithoutNumber<Command>[], deadlineMs = 2_000): Promise<readonly Answer[]> {
    const numbered = commands.map((command) => {
      this.#number += 1
      return { ...command, number: this.#number } as Command
    })
    const data = commandsMessage.encode({ client: 'client', commands: numbered })
    const outcome = await this.links.control.request(this.#world.subjects.command(0), data, deadlineMs)
    return outcome.kind === 'reply' ? answersMessage.decode(outcome.data).answers : []
  }

  submit(job: string, workflows: Step[] = [step('main')], digest = 'digest'): Promise<Answer | undefined> {
    const chunk = { index: 0, count: 1 }
    return this.command({ type: 'job.submit', job, digest, chunk, workflows, notify: this.inbox })
  }

  cancel(job: string, only?: string): Promise<Answer | undefined> {
    const reason = 'no longer needed'
    return this.command({ type: 'job.cancel', job, reason, ...(only === undefined ? {} : { step: only }) })
  }
}
