import 'react'

declare module 'react' {
  /** The page hands the columns of a list to its style sheet. */
  interface CSSProperties {
    '--columns'?: string
  }
}
