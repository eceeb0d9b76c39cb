import { useHotkeys } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { usePage } from './page-context.js'
import { FaultBoundary } from './parts/fault-boundary.js'
import { goTo, useRoute, viewNames } from './route.js'
import { ActorsView } from './views/actors-view.js'
import { ClusterView } from './views/cluster-view.js'
import { Help } from './views/help.js'
import { JobsView } from './views/jobs-view.js'
import { LettersView } from './views/letters-view.js'
import { LogView } from './views/log-view.js'
import { TimelineView } from './views/timeline-view.js'
import { StaleBand, TopBar, useThemeToggle } from './views/top-bar.js'

const focusFilter = (): void => document.querySelector<HTMLInputElement>('[data-filter]')?.focus()

function View() {
  const { view, chosen } = useRoute()
  switch (view) {
    case 'cluster':
      return <ClusterView />
    case 'actors':
      return <ActorsView chosen={chosen} />
    case 'jobs':
      return <JobsView chosen={chosen} />
    case 'timeline':
      return <TimelineView />
    case 'log':
      return <LogView chosen={chosen} />
    case 'letters':
      return <LettersView chosen={chosen} />
  }
}

/** The page. */
export function App() {
  const { view } = useRoute()
  const [isHelpOpen, setHelpOpen] = useState(false)
  const toggleTheme = useThemeToggle()
  const cluster = usePage((state) => state.cluster)
  const help = (): void => setHelpOpen(true)
  useEffect(() => {
    document.title = cluster === '' ? 'Covey' : `${cluster} · Covey`
  }, [cluster])
  useHotkeys([
    ...viewNames.map((name, index): [string, () => void] => [String(index + 1), () => goTo(name)]),
    ['/', focusFilter],
    ['t', toggleTheme],
    ['shift+?', help],
    ['?', help],
  ])
  return (
    <div className="page">
      <TopBar onHelp={help} />
      <main>
        <StaleBand />
        <FaultBoundary key={view}>
          <View />
        </FaultBoundary>
      </main>
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  )
}
