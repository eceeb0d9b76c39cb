import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onInterruption } from '../processes.mjs'

const beatMs = 2_000
const silentMs = 30_000
const guardMs = 5_000
const pollMs = 200
const waitMaxMs = 15 * 60_000

const createFolder = (path) => {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new Error(
      `cannot write to this checkout (${error.message}): make the folder writable for this user`,
    )
  }
}

const ageMs = (path) => {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0 // It has just gone, so nobody has to take it away.
  }
}

const alive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** A holder that is gone: its process on this machine has ended, or it has not touched its lock for long. */
const isStale = (folder) => {
  if (ageMs(folder) > silentMs) return true
  try {
    const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'))
    return owner.host === hostname() && !alive(owner.pid)
  } catch {
    return ageMs(folder) > guardMs // Killed between making the folder and writing its name into it.
  }
}

/** Takes a stale lock away under a guard, since two who both saw it stale could remove the lock of a third. */
const removeStale = (folder) => {
  const guard = `${folder}.guard`
  if (ageMs(guard) > guardMs) rmSync(guard, { recursive: true, force: true })
  if (!createFolder(guard)) return
  if (isStale(folder)) rmSync(folder, { recursive: true, force: true })
  rmSync(guard, { recursive: true, force: true })
}

const take = (folder) => {
  if (!createFolder(folder)) return false
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }))
  return true
}

const keepFresh = (folder) => {
  const timer = setInterval(() => utimesSync(folder, new Date(), new Date()), beatMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Waits until no other set-up works on this checkout and answers the function that lets the next one in.
 * A holder that was killed, even with -9, is noticed and taken over.
 */
export const holdLock = async (root, say) => {
  const folder = join(root, '.covey-setup.lock')
  const startedAt = Date.now()
  let told = false
  while (!take(folder)) {
    if (isStale(folder)) removeStale(folder)
    else if (!told) say('another set-up is at work on this checkout, waiting for it')
    told = true
    if (Date.now() - startedAt > waitMaxMs)
      throw new Error(`${folder} is held for too long: end the other set-up, or remove it`)
    await wait(pollMs)
  }
  const release = keepFresh(folder)
  onInterruption(release)
  return release
}
