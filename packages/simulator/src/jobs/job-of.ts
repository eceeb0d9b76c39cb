/** The job of a workflow `<job>/<step>`, or of itself. */
export function jobOf(id: string): string {
  const end = id.indexOf('/')
  return end < 0 ? id : id.slice(0, end)
}
