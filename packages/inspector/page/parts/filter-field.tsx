import { TextInput } from '@mantine/core'

/** What is filtered, by what, and how wide the field is where it does not take what room there is. */
export interface FilterFieldProps {
  readonly what: string
  readonly by: string
  readonly width?: number
  readonly value: string
  readonly onFilter: (value: string) => void
}

/** Where a list is filtered; `/` leads to it. */
export const FilterField = ({ what, by, width, value, onFilter }: FilterFieldProps) => (
  <TextInput
    style={width === undefined ? { flex: 1 } : { width }}
    size="xs"
    data-filter
    placeholder={`Filter by ${by}`}
    aria-label={`Filter ${what}`}
    value={value}
    onChange={({ currentTarget }) => onFilter(currentTarget.value)}
  />
)
