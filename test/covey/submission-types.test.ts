import { unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import { type Client, defineWorkflow, type JobHandle, type StepSpec, type Workflow } from 'covey'
import { z } from 'zod'
import { ClientWorld } from './client-world.js'

type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
const holds = <Claim extends true>(claim: Claim): Claim => claim

const resize = defineWorkflow({
  name: 'resize',
  version: '1',
  input: z.object({ width: z.number() }),
  run: async ({ input }) => input.width * 2,
})
const sweep = defineWorkflow({ name: 'sweep', version: '1', run: async () => 'swept' })
const greet = defineWorkflow({
  name: 'greet',
  version: '1',
  input: z.string().optional(),
  run: ({ input = 'world' }) => input,
})

// Compiled only. Each wrong argument stands on a line of its own: the compiler must complain there, and nowhere else.

/** What `submit` takes and gives. */
async function submits(client: Client): Promise<void> {
  holds<Same<Awaited<ReturnType<typeof sweeps>>, JobHandle<string>>>(true)
  const sweeps = () => client.submit(sweep)
  await client.submit(greet)
  await client.submit(greet, 'you')
  await client.submit(sweep, undefined, { id: 'nightly' })
  const byName = await client.submit('sweep')
  holds<Same<typeof byName, JobHandle<unknown>>>(true)
  await client.submit('sweep', { any: 'thing' }, { id: 'nightly' })
  const sized = await client.submit(resize, { width: 3 }, { id: 'nightly' })
  holds<Same<typeof sized, JobHandle<number>>>(true)
  await client.submit(
    resize,
    // @ts-expect-error the width is a number: said of the input, and not of the workflow
    { width: 'wide' },
  )
  await client.submit(
    resize,
    {
      width: 3,
      // @ts-expect-error there is no height
      height: 3,
    },
    { id: 'nightly' },
  )
  await client.submit(
    resize,
    { width: 3 },
    // @ts-expect-error the id is a text
    { id: 3 },
  )
  await client.submit(
    // @ts-expect-error it takes an input
    resize,
  )
}

/** A function of a user's own stays generic. */
const resultOf = async <Given, Output>(
  client: Client,
  workflow: Workflow<Given, Output>,
  input: Given,
): Promise<Output> => (await client.submit(workflow, input)).result()

/** What `submitJob` takes and gives. */
async function submitsJobs(client: Client, read: Readonly<Record<string, StepSpec>>): Promise<void> {
  const job = await client.submitJob({
    workflows: {
      size: { workflow: resize, input: { width: 3 } },
      clean: { workflow: sweep, after: ['size'] },
      hello: { workflow: greet },
      note: { name: 'notify', input: 'done', after: ['clean'] },
      bare: { name: 'notify' },
    },
  })
  holds<Same<Awaited<ReturnType<typeof size>>, number>>(true)
  const size = () => job.result('size')
  holds<Same<Awaited<ReturnType<typeof clean>>, string>>(true)
  const clean = () => job.result('clean')
  await client.submitJob({ workflows: read })
  await client.submitJob({
    workflows: {
      // @ts-expect-error its input is missing
      size: { workflow: resize },
    },
  })
  await client.submitJob({
    workflows: {
      size: {
        workflow: resize,
        input: {
          // @ts-expect-error the width is a number
          width: 'wide',
        },
      },
      // @ts-expect-error no such step
      clean: { workflow: sweep, after: ['sizes'] },
    },
  })
}

describe('A submission', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('names what is wrong with its own arguments, as this file compiles', () => {
    expect([submits, submitsJobs, resultOf]).to.have.lengthOf(3)
  })

  it('needs no input where the workflow takes none', async () => {
    const leader = world.leader()
    const client = await world.client()
    await world.during(Promise.all([client.submit(sweep), client.submit('sweep')]))
    const inputs = leader.commands.map((command) =>
      command.type === 'job.submit' ? command.workflows.map(({ input }) => unpackValue(input)) : command.type,
    )
    expect(inputs).to.deep.equal([[null], [null]])
  })
})
