/** Lines of one value that the page shows at most; what is beyond is counted. */
export const jsonRowsMax = 2_000

/** One line of a value as a tree. */
export interface JsonRow {
  readonly path: string
  readonly depth: number
  readonly label: string
  /** The value itself where it is plain; for an object or a list what it holds, in short. */
  readonly text: string
  readonly type: 'text' | 'number' | 'word' | 'branch'
  readonly open: boolean
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null

/** How many parts there are, and of which type, where the value says so itself. */
const sizeText = (value: object): string => {
  const size = Object.keys(value).length
  if (Array.isArray(value)) return size === 0 ? '[]' : `[${size}]`
  const type = 'type' in value && typeof value.type === 'string' ? ` ${value.type}` : ''
  return size === 0 ? '{}' : `{${size}}${type}`
}

function leafType(value: unknown): JsonRow['type'] {
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'number' : 'word'
}

const rowOf = (path: string, depth: number, value: unknown, open: boolean): JsonRow => ({
  path,
  depth,
  label: path.slice(path.lastIndexOf('/') + 1).replaceAll('~1', '/'),
  text: isBranch(value) ? sizeText(value) : (JSON.stringify(value) ?? String(value)),
  type: isBranch(value) ? 'branch' : leafType(value),
  open,
})

/** The lines of a value: branches are open down to the second level, except those in `toggled`, which are the other way round. */
export function jsonRows(value: unknown, toggled: ReadonlySet<string>): readonly JsonRow[] {
  const rows: JsonRow[] = []
  const visit = (inner: unknown, path: string, depth: number): void => {
    if (rows.length > jsonRowsMax) return
    const byItself = depth < 1 && isBranch(inner) && Object.keys(inner).length <= 12
    const open = isBranch(inner) && byItself !== toggled.has(path)
    if (path !== '') rows.push(rowOf(path, depth - 1, inner, open))
    if (isBranch(inner) && (open || path === '')) visitAll(inner, path, depth)
  }
  const visitAll = (inner: object, path: string, depth: number): void => {
    for (const [key, part] of Object.entries(inner))
      visit(part, `${path}/${key.replaceAll('/', '~1')}`, depth + 1)
  }
  if (isBranch(value)) visit(value, '', 0)
  else rows.push(rowOf('value', 0, value, false))
  return rows
}
