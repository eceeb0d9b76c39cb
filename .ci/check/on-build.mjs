// Lets mocha run the tests, which are TypeScript, on what `tsc -b` has built of everything else. Nothing but the tests
// is compiled again, and a process that a test starts in its turn has no loader to start with, which takes twice the
// time of all the rest of it. Without this, `npx mocha` runs them on the sources.
import { register } from 'node:module'

process.setSourceMapsEnabled(true)
register(new URL('./on-build-hooks.mjs', import.meta.url))
