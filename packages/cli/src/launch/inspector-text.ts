import type { LaunchedInspector } from './launch-options.js'

/** What to say where the build has made no page to serve. */
export const pageMissing = 'the page of the inspector has not been built: npm run build makes it'

/** Where a cluster is to be seen, on a line for a person. */
export const inspectorText = ({ url, isBuilt }: LaunchedInspector): string =>
  isBuilt ? `in a browser: ${url}` : pageMissing
