import { ActionIcon, Button, useMantineColorScheme } from '@mantine/core'
import { countText, durationText } from '../model/words.js'
import { useLink, useNow, usePage, useTools } from '../page-context.js'
import { routeHash, useRoute, type ViewName, viewNames } from '../route.js'

/** A page that has heard nothing for longer than this says so: the server speaks at least once a second. */
const staleAfterMs = 5_000

const titles: Record<ViewName, string> = {
  cluster: 'Cluster',
  actors: 'Actors',
  jobs: 'Jobs',
  timeline: 'Timeline',
  log: 'Log',
  letters: 'Dead letters',
}

/** Light becomes dark and the other way round; the browser remembers. */
export function useThemeToggle(): () => void {
  const { toggleColorScheme } = useMantineColorScheme()
  return toggleColorScheme
}

function LinkNote() {
  const { connection } = useTools()
  const { type, heardAtMs, retryAtMs } = useLink()
  const now = useNow()
  const silentMs = now - heardAtMs
  if (type === 'open' && silentMs <= staleAfterMs) {
    return (
      <span className="state" data-tone="good">
        live
      </span>
    )
  }
  if (type === 'open') {
    return (
      <span className="state" data-tone="care">
        silent for {durationText(silentMs)}
      </span>
    )
  }
  if (heardAtMs === 0 && type === 'connecting') {
    return (
      <span className="state" data-tone="busy">
        connecting
      </span>
    )
  }
  return (
    <span className="row">
      <span className="state" data-tone="bad">
        {type === 'connecting'
          ? 'connecting again'
          : `lost, next try in ${durationText(Math.max(0, retryAtMs - now))}`}
      </span>
      <Button size="compact-xs" variant="default" onClick={connection.retry}>
        Try now
      </Button>
    </span>
  )
}

function Tabs() {
  const { view } = useRoute()
  const actors = usePage((state) => state.actors.size)
  const running = usePage((state) => state.status?.jobs.running ?? 0)
  const counts: Partial<Record<ViewName, number>> = { actors, jobs: running }
  return (
    <nav className="tabs" aria-label="Views">
      {viewNames.map((name) => (
        <a key={name} href={routeHash(name)} aria-current={view === name ? 'page' : undefined}>
          {titles[name]}
          {(counts[name] ?? 0) > 0 && <span className="count">{countText(counts[name] ?? 0)}</span>}
        </a>
      ))}
    </nav>
  )
}

/** The bar at the top: where one is, which cluster it is, and whether what is seen is live. */
export function TopBar({ onHelp }: { readonly onHelp: () => void }) {
  const cluster = usePage((state) => state.cluster)
  const version = usePage((state) => state.version)
  const toggleTheme = useThemeToggle()
  return (
    <header className="top">
      <span className="brand" title={version === '' ? '' : `Covey ${version}`}>
        <img src="./mark.svg" alt="" />
        Covey <span className="cluster">{cluster}</span>
      </span>
      <Tabs />
      <span className="link-state push" role="status">
        <LinkNote />
      </span>
      <span className="row">
        <ActionIcon
          variant="default"
          size="sm"
          aria-label="Light or dark"
          title="Light or dark (t)"
          onClick={toggleTheme}
        >
          ◐
        </ActionIcon>
        <ActionIcon variant="default" size="sm" aria-label="Help" title="Help (?)" onClick={onHelp}>
          ?
        </ActionIcon>
      </span>
    </header>
  )
}

/** Says below the bar that what is seen is old, and how old. */
export function StaleBand() {
  const { type, heardAtMs } = useLink()
  const now = useNow()
  if (type === 'open' || heardAtMs === 0) return null
  return (
    <p className="band" role="alert" style={{ margin: 0 }}>
      The page has lost its server: what you see is {durationText(now - heardAtMs)} old.
    </p>
  )
}
