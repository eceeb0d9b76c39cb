import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether a path is a file that this user may run. */
export const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // It is not there, or not for us: both mean that it cannot be run.
  }
}

/** Where a program is, as a shell would find it; undefined where it is not. */
export const onPath = (name) => {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder || '.', fileName))
    .find(isProgram)
}
