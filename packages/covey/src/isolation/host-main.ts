import { failure, HostedCode, type NodeChannel } from '@covey/actors'
import { type ErrorReport, hostFailed, limits } from '@covey/protocol'
import { systemBackgroundClock, systemWallClock } from '@covey/transport'
import { exportedWorkflows } from '../workflow/exported-workflows.js'
import { hostWorkflow } from '../workflow/host-workflow.js'
import { markAsHost } from './host-mark.js'

/** The way from a thread or process to its node, where it is that thread or process. */
export interface OwnChannel extends NodeChannel {
  hear(listener: (frame: unknown) => void): void
  /** Ends this host once all is said. */
  end(): void
}

/** An error that no function threw, as it ends the attempt that runs now. */
function strayReport(what: string, thrown: unknown): ErrorReport {
  const ending = failure(thrown)
  const { message, causes = [] } = ending.type === 'code.failed' ? ending.error : { message: '' }
  return { code: 'host_ended', message: `${what}: ${message}`.slice(0, limits.errorTextMax), causes }
}

/** Loads the module and runs the attempts of its workflows in this thread, until it is ended. */
export async function serveCode(channel: OwnChannel, module: string): Promise<void> {
  markAsHost()
  const fail = (what: string, error: unknown): void => {
    channel.say(hostFailed.encode({ error: strayReport(what, error) }))
    channel.end()
  }
  process.on('uncaughtException', (error) => fail('an error was thrown outside the function', error))
  try {
    const workflows = exportedWorkflows((await import(module)) as Record<string, unknown>).map(hostWorkflow)
    const code = new HostedCode({
      ...{ channel, workflows },
      ...{ clock: systemBackgroundClock, wallNow: systemWallClock },
    })
    channel.hear((frame) => code.hear(frame))
    code.begin()
  } catch (error) {
    fail(`${module} does not load`, error)
  }
}
