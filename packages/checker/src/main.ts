import { checkAll } from './check-all.js'

process.exitCode = checkAll(process.argv.slice(2)) ? 0 : 1
