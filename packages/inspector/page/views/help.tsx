import { Kbd, Modal } from '@mantine/core'
import { Fragment } from 'react'

const keys: readonly (readonly [readonly string[], string])[] = [
  [['1', '2', '3', '4', '5', '6'], 'cluster, actors, jobs, timeline, log, dead letters'],
  [['/'], 'filter the list'],
  [['↑', '↓', 'Page', 'Home', 'End'], 'move in a list'],
  [['←', '→', 'Enter'], 'close and open a branch of the tree'],
  [['p'], 'pause or resume the timeline'],
  [['.', ','], 'one transition further, one back'],
  [['t'], 'light or dark'],
  [['Ctrl', 'wheel'], 'zoom a drawing; drag to move it'],
  [['?'], 'this help'],
]

/** Where the bridge to the inspector of Stately is, when it is started as the help says. */
const statelyPort = 4281

/** The keys, and the way to the inspector of Stately. */
export const Help = ({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) => (
  <Modal opened={isOpen} onClose={onClose} title="Keys" centered>
    <div className="keys">
      {keys.map(([names, what]) => (
        <Fragment key={what}>
          <span className="row" style={{ gap: 4 }}>
            {names.map((name) => (
              <Kbd key={name} size="xs">
                {name}
              </Kbd>
            ))}
          </span>
          <span>{what}</span>
        </Fragment>
      ))}
    </div>
    <p>
      All of this in the{' '}
      <a href={`http://127.0.0.1:${statelyPort}/`} target="_blank" rel="noreferrer">
        inspector of Stately
      </a>
      : first run <code>covey inspect --stately --port {statelyPort}</code> on this machine.
    </p>
  </Modal>
)
