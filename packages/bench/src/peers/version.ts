/** A version as programs print it: what counts of it is that it can be compared. */
export type Version = readonly [major: number, minor: number, patch: number]

const numbers = /(?<![\d.])v?=?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/

/** The first version that a text names, as `v22.3.0` or `Redis server v=7.0.15 sha=…`; undefined where it names none. */
export function versionIn(text: string): Version | undefined {
  const found = numbers.exec(text)
  if (found === null) return undefined
  const [, major = '', minor = '', patch = '0'] = found
  return [Number(major), Number(minor), Number(patch)]
}

/** Whether a version is as new as another, or newer. */
export function isFrom(version: Version, least: Version): boolean {
  const differing = version.findIndex((part, index) => part !== least[index])
  return differing < 0 || (version[differing] ?? 0) > (least[differing] ?? 0)
}

/** As people write it. */
export const versionText = (version: Version): string => version.join('.')
