import { applyBatch, applyClaim } from '@covey/actors'
import { explore, ShardModel, type ShardOptions } from '@covey/checker'
import { attemptMachine, leadershipMachine, workerMachine } from '@covey/machines'
const extra = JSON.parse(process.argv[2] ?? '{}') as Partial<ShardOptions>
const max = Number(process.argv[3] ?? 200000)
const before = process.cpuUsage()
const result = explore(new ShardModel({
  ...{ workerMachine, attemptMachine, leadershipMachine, fold: { applyBatch, applyClaim } },
  workers: [{ worker: 'w1', generation: 1 }],
  ...{ slots: 1, jobs: 1, managers: 2, epochsMax: 1, tokensMax: 1, inputsMax: 1, budgets: {} },
  ...extra,
}), max)
const { user, system } = process.cpuUsage(before)
const { fault, ...rest } = result
console.log(rest, Math.round(result.states / ((user + system) / 1e6)), 'states/s', process.memoryUsage.rss() >> 20, 'MiB')
if (fault) console.log(fault.rule + '\n' + fault.story.join('\n'))
