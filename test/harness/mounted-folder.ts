import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, realpathSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const isRoot = process.getuid?.() === 0

const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: 'pipe' })

/** Whether a program did what it was told to: a container may hold mounting back from root too. */
function succeeds(program: string, ...args: string[]): boolean {
  try {
    run(program, ...args)
    return true
  } catch {
    return false
  }
}

/** Lazily: what has failed may still hold a file in there open. */
const unmount = (path: string): void => run('umount', '-l', path)

/** A file system of a test's own. */
export interface MountedFolder {
  readonly path: string
  resize(mebibytes: number): void
  remove(): void
}

/** Mounts a file system in memory of so many mebibytes; undefined on a machine, or for a user, that may not. */
export function mountFolder(mebibytes: number): MountedFolder | undefined {
  if (process.platform !== 'linux' || !isRoot) return undefined
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'covey-mount-')))
  if (!succeeds('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', path)) {
    rmdirSync(path)
    return undefined
  }
  return {
    path,
    resize: (size) => run('mount', '-o', `remount,size=${size}m`, path),
    remove() {
      unmount(path)
      rmdirSync(path)
    },
  }
}

/**
 * Makes a folder one that cannot be written, and returns what undoes it: read-only where this user may mount, by its rights
 * where they bind this user, else by its flags. Undefined where none of these is to be had.
 */
export function lockWrites(path: string): (() => void) | undefined {
  if (!isRoot) {
    chmodSync(path, 0o500)
    return () => chmodSync(path, 0o700)
  }
  if (process.platform === 'linux' && succeeds('mount', '--bind', path, path)) {
    if (succeeds('mount', '-o', 'remount,ro,bind', path)) return () => unmount(path)
    unmount(path)
  }
  if (!succeeds('chattr', '+i', path)) return undefined
  return () => run('chattr', '-i', path)
}
