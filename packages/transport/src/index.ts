export {
  type AgreementOptions,
  type AwaitedShards,
  agreeOnShards,
  readShards,
  refuseOtherShards,
} from './agreed-shards.js'
export { AwakeClock, systemAwakeClock } from './awake-clock.js'
export type {
  Bus,
  BusMessage,
  Frame,
  FrameReader,
  LinkNews,
  LinkState,
  Payload,
  RequestOutcome,
  Stop,
} from './bus.js'
export { type Clock, delay, systemBackgroundClock, systemClock, systemWallClock } from './clock.js'
export type { CreateOutcome, Fact, Facts, FactsWatcher, ReadOutcome } from './facts.js'
export { createLogWriter } from './group-commit-writer.js'
export { HttpDoor, type HttpDoorOptions } from './http/door.js'
export { type HttpPlace, httpPort, say } from './http/http-port.js'
export type { BrokerFacts, Links } from './links.js'
export type { AppendOutcome, EntryOutcome, Log, LogEntry, LogFollower } from './log.js'
export type {
  CommittedBatch,
  LogWriter,
  LogWriterOptions,
  LogWriterState,
  StalledOutcome,
} from './log-writer.js'
export {
  brokerServers,
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
} from './memory/broker.js'
export type { MemoryFaults, StoreBytesMax } from './memory/faults.js'
export type { CutDirection } from './memory/network.js'
export { findBrokerBinary } from './nats/broker/broker-binary.js'
export type { ServerSeat } from './nats/broker/broker-config.js'
export { findFreePorts, isPortFree } from './nats/broker/free-port.js'
export { type Broker, type BrokerExit, type BrokerOptions, startBroker } from './nats/broker/start-broker.js'
export { findStoreUser } from './nats/broker/store-lock.js'
export type { BrokerAccess, Credentials, Tls } from './nats/broker-access.js'
export { connectLinks, type LinksOptions } from './nats/connect-links.js'
export { deniedError, unlessDenied } from './nats/denied-subject.js'
export { startBrokerMend } from './nats/dial-error.js'
export { shownAddress } from './nats/shown-address.js'
export { readNewest, type StreamSurvey, surveyShards, surveyStreams } from './nats/survey-streams.js'
export type { Presence } from './presence.js'
export {
  type LeaseGuard,
  type Pulse,
  type PulseNews,
  type PulseState,
  standsStillMsMax,
  type Vouched,
} from './pulse.js'
export { type Random, seededRandom, systemRandom } from './random.js'
