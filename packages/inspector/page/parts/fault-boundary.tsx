import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
}

interface State {
  readonly fault: Error | undefined
}

/** Keeps the rest of the page when a view of it fails, and says what failed: an empty page would say nothing. */
export class FaultBoundary extends Component<Props, State> {
  override readonly state: State = { fault: undefined }

  static getDerivedStateFromError(fault: Error): State {
    return { fault }
  }

  override render(): ReactNode {
    const { fault } = this.state
    if (fault === undefined) return this.props.children
    return (
      <div className="empty" role="alert">
        <p>This view has failed: {fault.message}</p>
        <Button size="xs" variant="default" onClick={() => this.setState({ fault: undefined })}>
          Show it again
        </Button>
      </div>
    )
  }
}
