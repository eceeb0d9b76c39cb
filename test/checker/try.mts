import { MembershipModel, explore } from '@covey/checker'
import { nodeMachine, peerMachine, isVote, isEvidence, judgeDeparture } from '@covey/machines'
const rules={isVote,isEvidence,judgeDeparture}
for (const arg of process.argv.slice(2)) {
  const t=process.cpuUsage()
  const budgets=JSON.parse(arg)
  const r = explore(new MembershipModel({nodeMachine, peerMachine, rules, generationsMax:2, budgets}), Number(process.env.MAX ?? 3e6))
  const ms=process.cpuUsage(t).user/1000
  console.log(arg, r.states, r.transitions, r.depth, r.complete, r.bytesPerState, Math.round(r.states/ms*1000)+'/s', ms)
  if (r.fault) { console.log(r.fault.rule); console.log(r.fault.story.join('\n')) }
}
