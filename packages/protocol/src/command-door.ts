import { defineDoor } from './codec.js'
import { commandsMessage, seenMessage } from './command-messages.js'
import { handOverMessage } from './manager-messages.js'
import { renewMessage, reportMessage } from './worker-messages.js'

/** What arrives on a shard's command subject. */
export const commandDoor = defineDoor('shard.command', [
  commandsMessage,
  renewMessage,
  reportMessage,
  seenMessage,
  handOverMessage,
])
