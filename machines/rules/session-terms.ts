/** What two nodes have to agree on before one opens a session with the other. */
export interface SessionTerms {
  /** The version of Covey: `major.minor.patch`. */
  readonly version: string
  readonly capabilities: readonly string[]
  /** Digest of the settings that all nodes of a cluster need the same. */
  readonly configuration: string
}

const majorOf = (version: string): string => version.split('.')[0] ?? ''

/** Why one node does not go with another. */
interface Disagreement {
  readonly field: keyof SessionTerms
  /** What differs, and what to do about it. */
  readonly detail: string
}

type Party = SessionTerms & { readonly name: string }

/** The first of the terms that keeps two nodes apart; `undefined` where none does. */
export function disagreementOf(own: Party, theirs: Party): Disagreement | undefined {
  const disagree = (field: keyof SessionTerms, detail: string): Disagreement => ({
    field,
    detail: `${field}: ${detail}`,
  })
  if (majorOf(own.version) !== majorOf(theirs.version)) {
    const versions = `${theirs.name} has ${theirs.version} and ${own.name} has ${own.version}`
    return disagree('version', `run one major version in a cluster; ${versions}`)
  }
  const missing = own.capabilities.filter((capability) => !theirs.capabilities.includes(capability))
  if (missing.length > 0) {
    return disagree('capabilities', `bring ${theirs.name} up to date; it has no ${missing.join(', ')}`)
  }
  if (own.configuration === theirs.configuration) return undefined
  const names = `those of ${theirs.name} and ${own.name} differ`
  return disagree('configuration', `start all nodes with the same timings and replicas; ${names}`)
}

type Settings = Readonly<Record<string, number>>

/** The first setting that two nodes have differently, with both values. */
export function differenceOf(own: Settings, theirs: Settings): string | undefined {
  const names = [...new Set([...Object.keys(own), ...Object.keys(theirs)])]
  const name = names.find((setting) => own[setting] !== theirs[setting])
  return name && `${name} is ${own[name] ?? 'missing'} here and ${theirs[name] ?? 'missing'} there`
}
