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
    target: 'es2022',
    // The server's policy lets the page load its own files only: nothing is put into it as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
})
