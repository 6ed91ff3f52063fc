export const NO_FUNCTION: readonly unknown[] = [null, true, 0, 1, '', 'text', {}, []]
export const NO_BOOLEAN: readonly unknown[] = [null, 0, 1, '', 'true', 'yes', {}, [], () => true]
export const NO_TEXT: readonly unknown[] = [null, true, 0, 7, '', {}, ['text'], () => 'text']
export const NO_DURATION: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n,
  '',
  '20',
  '20x',
  '-5m',
  '500000d',
  {},
  [20],
  new Date(),
]
