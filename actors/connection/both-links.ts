import type { Links, Stop } from '@covey/transport'

/** Whether both links of this process carry. Sessions are agreed on over one, and what is said in them goes over the other. */
export const areUp = ({ control, data }: Links): boolean => control.state === 'up' && data.state === 'up'

/** Tells whether both links carry: now, and whenever that is not as it was. */
export function followBoth(links: Links, tell: (areUp: boolean) => void): Stop {
  let wereUp = areUp(links)
  tell(wereUp)
  const stops = [links.control, links.data].map((bus) =>
    bus.onNews(({ kind }) => {
      if (kind !== 'state' || areUp(links) === wereUp) return
      wereUp = !wereUp
      tell(wereUp)
    }),
  )
  return () => {
    for (const stop of stops) stop()
  }
}
