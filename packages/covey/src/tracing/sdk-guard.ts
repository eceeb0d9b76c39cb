import type { Notice } from '@covey/actors'

/** Makes something with the SDK of OpenTelemetry; `undefined` where that throws. */
export type SdkGuard = <Made>(make: () => Made) => Made | undefined

/** What an SDK throws harms nothing and is noticed. */
export const sdkGuard =
  (notice: (notice: Notice) => void): SdkGuard =>
  (make) => {
    try {
      return make()
    } catch (error) {
      notice({ kind: 'defect', what: 'the SDK of OpenTelemetry threw', error })
      return undefined
    }
  }
