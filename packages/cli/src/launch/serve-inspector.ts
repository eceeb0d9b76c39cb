import type { Links } from '@covey/transport'
import { connect } from 'covey'
import type { LaunchedInspector } from './launch-options.js'
import type { UndoList } from './undo-list.js'

/**
 * Serves the inspector of a cluster that has just been launched, on links of its own: what a page asks for delays none of
 * the launcher's words. Loaded late, since most calls of the command need none.
 */
export async function serveInspector(
  cluster: string,
  links: Links,
  undo: UndoList,
): Promise<LaunchedInspector> {
  undo.add(() => links.close())
  const client = await connect({ links, cluster })
  undo.add(() => client.close())
  const { startInspector } = await import('@covey/inspector')
  const inspector = await startInspector({ client, links })
  undo.add(() => inspector.close())
  return { url: inspector.url, isBuilt: inspector.isBuilt }
}
