import { expect } from 'chai'
import {
  type Client,
  type Duration,
  defineWorkflow,
  type GivenOf,
  type JobHandle,
  type OutputOf,
  type Workflow,
} from 'covey'
import { z } from 'zod'

type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
const holds = <Claim extends true>(claim: Claim): void => {
  expect(claim).to.equal(true)
}

const resize = defineWorkflow({
  name: 'resize',
  version: '1.0.0',
  input: z.object({ width: z.string().transform(Number) }),
  output: z.object({ bytes: z.number() }),
  timeout: '30 s',
  run: async ({ input, attempt }) => ({ bytes: input.width * attempt }),
})

describe('Types of a definition', () => {
  it('come from the schemas: what is given before, what the function sees after the transform', () => {
    holds<Same<typeof resize, Workflow<{ width: string }, { bytes: number }>>>(true)
    holds<Same<GivenOf<typeof resize>, { width: string }>>(true)
    holds<Same<OutputOf<typeof resize>, { bytes: number }>>(true)
  })

  it('come from the function where there are no schemas', () => {
    const plain = defineWorkflow({ name: 'plain', version: '1', run: ({ input }) => ({ seen: input }) })
    holds<Same<typeof plain, Workflow<unknown, { seen: unknown }>>>(true)
    const async = defineWorkflow({ name: 'plain', version: '1', run: async () => 7 })
    holds<Same<OutputOf<typeof async>, number>>(true)
  })

  it('refuse a function that returns what the output schema does not take', () => {
    const wrong = () =>
      defineWorkflow({
        name: 'wrong',
        version: '1',
        output: z.object({ bytes: z.number() }),
        // @ts-expect-error a text is not the object that the schema takes
        run: async () => 'text',
      })
    expect(wrong).to.not.throw()
  })

  it('refuse a duration in a unit that is not known', () => {
    // @ts-expect-error fortnights are no unit
    const timeout: Duration = '2 fortnights'
    expect(() => defineWorkflow({ name: 'a', version: '1', timeout, run: () => 1 })).to.throw(/timeout/)
  })
})

// Compiled only: nothing here is called.
const submissions = async (client: Client, known: Record<string, { name: string; after?: string[] }>) => {
  const one = await client.submit(resize, { width: '3' })
  holds<Same<typeof one, JobHandle<{ bytes: number }>>>(true)
  const byName = await client.submit('resize', { anything: true })
  holds<Same<typeof byName, JobHandle<unknown>>>(true)
  const steps = await client.submitJob({
    workflows: {
      first: { workflow: resize, input: { width: '3' } },
      second: { name: 'pack', after: ['first'] },
    },
  })
  holds<Same<Awaited<ReturnType<typeof steps.result<'first'>>>, { bytes: number }>>(true)
  holds<Same<Awaited<ReturnType<typeof steps.result<'second'>>>, unknown>>(true)
  // @ts-expect-error the job has no such step
  await steps.result('last')
  const first = { workflow: resize, input: { width: '3' } }
  // @ts-expect-error the job has no such step to wait for
  await client.submitJob({ workflows: { first: { ...first, after: ['last'] } } })
  const read = await client.submitJob({ workflows: known })
  holds<Same<Awaited<ReturnType<typeof read.result<'any'>>>, unknown>>(true)
}

describe('Types of a client', () => {
  it('are typed from the definition to the result, as this file compiles', () => {
    expect(submissions).to.be.a('function')
  })
})
