/** What failed comes back with SCS_SEED=<its number> SCS_SCHEDULES=1; a night's worth is SCS_SCHEDULES=10000000. */
export const SEED = Number(process.env['SCS_SEED'] ?? Date.now() % 1_000_000_000)

/** How many random schedules there are. */
export function schedules(usual: number): number {
  return Number(process.env['SCS_SCHEDULES'] ?? usual)
}
