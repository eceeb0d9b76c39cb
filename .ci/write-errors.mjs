#!/usr/bin/env node
// Writes docs/errors.md from the table of errors in packages/protocol, so that each code is described once.
//   --check   writes nothing; ends with 1 when the page says something else than the table.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tsImport } from 'tsx/esm/api'

const page = fileURLToPath(new URL('../docs/errors.md', import.meta.url))
const { errorTable } = await tsImport('../packages/protocol/src/errors.ts', import.meta.url)

const introduction = `# Errors

Made by \`node .ci/write-errors.mjs\` from \`errorTable\` in \`packages/protocol/src/errors.ts\`: change it there.

There is one class, \`CoveyError\`. Programs match on its \`code\`; \`message\` is for people, \`address\` names the id,
subject, path or URL that it is about, \`mend\` says what to do, and \`cause\` keeps what caused it. \`retryable\` says
whether the same call may succeed later. What to do about the frequent ones is in [troubleshooting](troubleshooting.md).

The error that \`result\` rejects with, when a workflow ended without one, also has \`job\`, \`step\`, and, where it ever ran,
\`attempt\` and \`node\` of its last attempt. Its \`cause\` is what the function threw there: name, message, code and stack,
and the chain of causes below it, at most 4 errors (\`errorCausesMax\`) with texts of at most 2,000 characters. \`before\` says in
short how the attempts before it failed, at most three of them (\`errorsBeforeMax\`).

The error of a \`submit\` or \`cancel\` that was not carried out, or may not have been, has the \`job\` that it was about (and the \`step\`),
drawn for you or not, and that of an order about a node the \`node\`; the message names it, too.
`

const classes = {
  terminal: [
    'Terminal',
    'The same call ends in the same way. Thrown by a workflow, it fails it without a further attempt.',
  ],
  retryable: [
    'Retryable',
    'The same call, with the same id, may succeed later. Thrown by a workflow, it counts as an attempt.',
  ],
}

const section = ([wanted, [title, meaning]]) => {
  const rows = Object.entries(errorTable)
    .filter(([, row]) => row.class === wanted)
    .map(([code, { about }]) => `| \`${code}\` | ${about.replaceAll('|', '\\|')} |`)
  return [`## ${title}`, '', meaning, '', '| code | meaning |', '| --- | --- |', ...rows, ''].join('\n')
}

const silence = `## What may have happened

A call that rejects with \`no_leader\`, \`unreachable\` or \`unavailable\` has had no answer, and no answer is no refusal: what was sent
may be in the log, or be taken a moment later from a leader's queue or a broker's buffer. No clock is compared for it, so nothing
is dropped for being late, and a deadline takes nothing back. What was asked is surely not
done where it is \`overloaded\`, \`rate_limited\` or refused by a terminal code, but for \`too_old\`, which says that it may have run, and
\`closed\`, by which the client gave up itself.

| call | how to find out |
| --- | --- |
| \`submit\`, \`submitJob\` | the same call with the same \`id\` and content: it is the same job, whose handle says \`again\` where it was there already, and it never runs twice. An id that was drawn for you is \`error.job\`. \`job(error.job)\` only looks: \`not_found\` says that it was not there then |
| \`cancel\` | the same call, or \`job(error.job)\`: \`ALREADY_CANCELLED\` or another end where something was first. \`cancelMatching\` meets what has come since, too |
| \`evict\`, \`readmit\`, \`leave\` of a node | the same call, or \`covey status\`, where \`error.node\` stands |
| \`restored\` | the same call: it claims what was claimed once more, which harms nothing |
| \`result\`, \`ended\`, \`job\` and all else that reads | the same call: it changes nothing; \`deadline\` says that it has not ended yet, and goes on |
`

const text = [introduction, ...Object.entries(classes).map(section), silence].join('\n')

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/errors.md is not what the table of errors says: run node .ci/write-errors.mjs')
  process.exitCode = 1
}
