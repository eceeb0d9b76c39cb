import { createTheme, MantineProvider } from '@mantine/core'
import '@mantine/core/styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { browserClock } from './browser-clock.js'
import { connectPage, type LinkState } from './connection.js'
import { applyNews, emptyPage } from './model/page-state.js'
import { PageContext, type PageTools } from './page-context.js'
import { createStore } from './page-store.js'
import './style/colours.css'
import './style/words.css'
import './style/shell.css'
import './style/sheets.css'
import './style/lists.css'
import './style/drawings.css'

const theme = createTheme({
  primaryColor: 'teal',
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'var(--mono)',
  components: { Modal: { defaultProps: { transitionProps: { duration: 0 } } } },
})

const tokenKey = 'covey-token'

/** The token that the address brought, taken out of it and kept for this tab, so that a reload has it too. */
function takeToken(): string | null {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? []
  if (token !== undefined) {
    sessionStorage.setItem(tokenKey, token)
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem(tokenKey)
}

/** Opens the stream that the server has beside the page. */
function dial(): WebSocket {
  const address = new URL('live', location.href)
  const token = takeToken()
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  address.search = token === null ? '' : new URLSearchParams({ token }).toString()
  address.hash = ''
  return new WebSocket(address)
}

function openPage(): PageTools {
  const store = createStore(emptyPage, browserClock.beforePaint)
  const firstLink: LinkState = { type: 'connecting', heardAtMs: 0, retryAtMs: 0 }
  const link = createStore(firstLink, browserClock.beforePaint)
  const connection = connectPage({
    clock: browserClock,
    dial,
    onNews: (news) => store.update((state) => applyNews(state, news)),
    onLink: (state) => link.update(() => state),
  })
  return { clock: browserClock, store, link, connection }
}

const root = document.getElementById('page')
if (root === null) throw new Error('index.html has no place for the page')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <PageContext value={openPage()}>
        <App />
      </PageContext>
    </MantineProvider>
  </StrictMode>,
)
