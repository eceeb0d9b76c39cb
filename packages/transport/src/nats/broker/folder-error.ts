import { CoveyError } from '@covey/protocol'
import { writableFolder } from './last-words.js'

/** What only a file system says: of a write to an open file it names no path. */
const ofStorage: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])
/** What is said of processes and ports too; of a file or folder only where a path is named. */
const ofPaths: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'],
])

/** What the system says of a folder that cannot be written; undefined for any other error. */
export function folderError(dataDir: string, cause: unknown): CoveyError | undefined {
  const { code = '', syscall, path, message } = cause as NodeJS.ErrnoException
  // A program that cannot be started has a path as well.
  const isOfPath = path !== undefined && syscall?.startsWith('spawn') !== true && ofPaths.has(code)
  if (!isOfPath && !ofStorage.has(code)) return undefined
  return new CoveyError('folder_unusable', `the folder ${dataDir} cannot be written: ${message}`, {
    address: dataDir,
    mend: writableFolder,
    cause,
  })
}
