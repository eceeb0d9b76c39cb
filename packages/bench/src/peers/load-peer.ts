import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PeerPackage } from './peer-package.js'

/** Loads what {@link installPeer} has installed; `Api` is what its exact version exports. */
export async function loadPeer<Api>({ folder, packages }: PeerPackage): Promise<Api> {
  const [name = ''] = Object.keys(packages)
  const file = createRequire(join(folder, 'package.json')).resolve(name)
  const loaded: { readonly default: Api } = await import(pathToFileURL(file).href)
  return loaded.default
}
