#!/usr/bin/env node
// Builds the page into dist/page: everything it needs, nothing from elsewhere at run time.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

await build({
  configFile: false,
  base: './',
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'error',
  build: {
    outDir: fileURLToPath(new URL('../dist/page', import.meta.url)),
    emptyOutDir: true,
    // The first ones that know light-dark(), which older ones would need a second style sheet for.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The server's policy lets the page load its own files only: nothing is put into it as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
})
