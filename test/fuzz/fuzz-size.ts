/** Frames that all fuzzers make together: `npm run soak -- fuzz` asks for a million. */
export const fuzzedFrames = Number(process.env.FUZZ_FRAMES ?? 20_000)

/** The seed of all that is made. */
export const fuzzSeed = Number(process.env.SEED ?? 1)
