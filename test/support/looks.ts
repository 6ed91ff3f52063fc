/** How many arrays and objects are looked at while something runs. */
export function looksAt(run: () => unknown): number {
  const { getPrototypeOf } = Object
  let looks = 0
  Object.getPrototypeOf = (value) => {
    looks++
    return getPrototypeOf(value)
  }
  try {
    run()
  } finally {
    Object.getPrototypeOf = getPrototypeOf
  }
  return looks
}
