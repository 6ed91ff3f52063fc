/** How often a smaller input is tried: an input of ten million bytes must not keep a run for hours. */
const MAX_TRIES = 2000

/**
 * Reduces draws as long as `fails` says that the input made of them still does: cuts out halves, quarters and so on, then halves the
 * numbers themselves. A generator makes something of any draws, so what is cut needs no knowledge of what the input is.
 */
export async function shrink(draws: readonly number[], fails: (draws: readonly number[]) => Promise<boolean>): Promise<readonly number[]> {
  let tries = 0
  let best = draws
  const isBetter = async (candidate: readonly number[]) => {
    if (tries++ >= MAX_TRIES || !(await fails(candidate))) return false
    best = candidate
    return true
  }
  let before: readonly number[]
  do {
    before = best
    for (let size = Math.ceil(best.length / 2); size >= 1 && tries < MAX_TRIES; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < best.length; ) {
        if (!(await isBetter([...best.slice(0, at), ...best.slice(at + size)]))) at += size
      }
    }
    for (let at = 0; at < best.length; at++) await lower(at)
  } while (best !== before && tries < MAX_TRIES)
  return best

  /** Zero if that will do, else ever less of it. */
  async function lower(at: number): Promise<void> {
    if ((best[at] ?? 0) === 0 || (await isBetter(best.with(at, 0)))) return
    for (let cut = Math.floor((best[at] ?? 0) / 2); cut >= 2 ** 20; cut = Math.floor(cut / 2))
      await isBetter(best.with(at, (best[at] ?? 0) - cut))
  }
}
