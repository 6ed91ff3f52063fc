/** How many random schedules there are. What failed comes back with SCS_SEED=<its number> SCS_SCHEDULES=1; a night's worth is 10000000. */
export function schedules(usual: number): number {
  return Number(process.env['SCS_SCHEDULES'] ?? usual)
}
