import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { useEffect, useState } from 'react'
import { layOut } from '../layout.js'

/** The placed drawing, once the layout has come; another graph keeps the old drawing until it has. */
export function useLayout(graph: ElkNode): {
  readonly placed: ElkNode | undefined
  readonly error: string | undefined
} {
  const [placed, setPlaced] = useState<ElkNode>()
  const [error, setError] = useState<string>()
  useEffect(() => {
    let isOver = false
    layOut(graph).then(
      (next) => {
        if (isOver) return
        setPlaced(next)
        setError(undefined)
      },
      (caught: unknown) => isOver || setError(String(caught)),
    )
    return () => {
      isOver = true
    }
  }, [graph])
  return { placed, error }
}
