import { Button, Group, Modal, NativeSelect, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Connection } from '../connection.js'
import { Refusal } from '../open-questions.js'
import { useTools } from '../page-context.js'
import { RefusalNote } from './problem.js'

/** What an operator is asked before something is done that cannot be taken back. */
export interface Confirmation {
  readonly label: string
  readonly title: string
  readonly text: string
  /** The reason that stands in the field at first; it goes into the log of the cluster. */
  readonly reason: string
  /** Where only certain reasons are possible: these. */
  readonly reasons?: readonly string[]
  readonly act: (connection: Connection, reason: string) => Promise<unknown>
}

function ReasonField({
  reason,
  reasons,
  onReason,
}: {
  readonly reason: string
  readonly reasons: readonly string[] | undefined
  readonly onReason: (reason: string) => void
}) {
  const common = { label: 'Reason', size: 'xs', mb: 'md', value: reason } as const
  return reasons === undefined ? (
    <TextInput {...common} maxLength={200} onChange={({ currentTarget }) => onReason(currentTarget.value)} />
  ) : (
    <NativeSelect
      {...common}
      data={[...reasons]}
      onChange={({ currentTarget }) => onReason(currentTarget.value)}
    />
  )
}

/** A button that asks again, with a reason, before it acts, and says when it was refused. */
export function ConfirmedButton({ label, title, text, reason: first, reasons, act }: Confirmation) {
  const { connection } = useTools()
  const [isOpen, setOpen] = useState(false)
  const [reason, setReason] = useState(first)
  const [isActing, setActing] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  const confirm = async (): Promise<void> => {
    setActing(true)
    setRefusal(undefined)
    try {
      await act(connection, reason)
      setOpen(false)
    } catch (caught) {
      if (!(caught instanceof Refusal)) throw caught
      setRefusal(caught)
    } finally {
      setActing(false)
    }
  }
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title={title} size="sm" centered>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            confirm().catch(reportError)
          }}
        >
          <Text size="sm" mb="sm">
            {text}
          </Text>
          <ReasonField reason={reason} reasons={reasons} onReason={setReason} />
          <RefusalNote refusal={refusal} />
          <Group justify="flex-end" gap="xs" mt="sm">
            <Button size="xs" variant="default" onClick={() => setOpen(false)} data-autofocus>
              Keep it
            </Button>
            <Button size="xs" color="red" type="submit" loading={isActing}>
              {label}
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  )
}
