/** A clock that stands still until it is moved. */
export interface FakeClock {
  (): number
  advance(ms: number): void
}

/** Starts at a moment in the future of every fixture, at 0 milliseconds. */
export function fakeClock(start = Date.UTC(2030, 0, 1)): FakeClock {
  let now = start
  return Object.assign(() => now, {
    advance(ms: number) {
      now += ms
    },
  })
}
