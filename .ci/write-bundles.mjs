#!/usr/bin/env node
// Bundles the packages whose sources have changed: the last step of a build, after the compiler.
import { fileURLToPath } from 'node:url'
import { ensureBundles } from './set-up/bundles.mjs'

await ensureBundles(fileURLToPath(new URL('..', import.meta.url)))
