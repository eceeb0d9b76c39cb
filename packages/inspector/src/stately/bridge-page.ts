/** The page that shows an inspector from elsewhere what the bridge says: the inspector has no way to this machine. */
export const bridgeHtml = (inspectorUrl: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Covey in Stately's inspector</title>
<link rel="stylesheet" href="/bridge.css">
<p id="word">Waiting for ${escaped(inspectorUrl)}</p>
<iframe id="inspector" title="Stately's inspector"></iframe>
<script src="/bridge.js" data-inspector="${escaped(inspectorUrl)}"></script>
</html>
`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

export const bridgeCss = `html, body { height: 100%; margin: 0; background: #151618; color: #ccc; font: 14px sans-serif }
body { display: flex; flex-direction: column }
#word { margin: 0; padding: 4px 8px }
iframe { flex: 1; border: 0 }
`

/**
 * Whenever the inspector says that it is there, the stream is begun anew: with every actor as it is. Only the inspector
 * is heard, and only its origin is told anything.
 */
export const bridgeScript = `'use strict'
const { inspector: url } = document.currentScript.dataset
const inspector = document.getElementById('inspector')
const word = document.getElementById('word')
const { origin } = new URL(url)
let socket
const lateMs = 8000
const late = setTimeout(() => {
  word.textContent = url + ' has not answered for ' + lateMs / 1000 + ' s: it is loaded from the internet. ' +
    'Look whether this browser reaches it and reload this page; covey inspect without --stately needs no internet'
}, lateMs)
function connect() {
  clearTimeout(late)
  if (socket) socket.onclose = null, socket.close()
  socket = new WebSocket('ws://' + location.host + '/live')
  socket.onopen = () => { word.textContent = 'Connected' }
  socket.onmessage = ({ data }) => inspector.contentWindow.postMessage(JSON.parse(data), origin)
  socket.onclose = () => {
    word.textContent = 'The stream has ended: reload this page when covey inspect --stately serves it again'
  }
}
addEventListener('message', (message) => {
  if (message.source !== inspector.contentWindow || message.origin !== origin) return
  if (message.data && message.data.type === '@statelyai.connected') connect()
})
inspector.src = url
`

/** What the page may load, and from where: its own two files, its own stream, and the inspector in a frame. */
export const bridgePolicy = (inspectorUrl: string): string =>
  [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
    ...[`frame-src ${new URL(inspectorUrl).origin}`, "base-uri 'none'", "form-action 'none'"],
    "frame-ancestors 'none'",
  ].join('; ')
