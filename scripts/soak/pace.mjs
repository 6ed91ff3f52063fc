const between = (least, value, most) => Math.round(Math.min(most, Math.max(least, value)))

/** Runs shorter than this say nothing about trends: sessions have only begun to expire. */
const SHORTEST_TREND_MS = 120_000

/**
 * How fast everything goes in a run of so many minutes. From five minutes on the times are the same, so that an hour differs from five
 * minutes in length alone: what was created in the first quarter has expired before the second ends.
 */
export function paceOf(minutes, rate) {
  const total = Math.round(minutes * 60_000)
  const idleTimeout = between(1500, total / 5, 60_000)
  const storeTimeout = between(400, total / 100, 1500)
  return {
    ...{ total, rate, idleTimeout, storeTimeout },
    lifetime: idleTimeout * 2.5,
    touchInterval: idleTimeout / 10,
    cleanupInterval: between(200, idleTimeout / 10, 5000),
    sampleEvery: between(500, total / 60, 5000),
    blinkEvery: between(1200, total / 15, 20_000),
    /** A blink in which calls fail. One in which they wait is longer than they may wait. */
    blinkFor: between(250, total / 300, 1000),
    waitFor: storeTimeout + between(150, total / 600, 500),
    /** How long what failed may still be carried out, and a driver may need to connect again. */
    grace: storeTimeout * 2 + between(500, total / 200, 1500),
    users: between(100, total / 150, 2000),
    judgesTrends: total >= SHORTEST_TREND_MS,
  }
}
