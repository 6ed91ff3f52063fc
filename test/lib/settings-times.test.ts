import t from 'tap'
import { settle } from '../../lib/settings.ts'
import type { ManagerOptions } from '../../types/options.ts'
import { SpyStore } from '../support/spy-store.ts'
import { NO_DURATION } from './bad-values.ts'

const store = new SpyStore()

const settled = (options: object) => settle({ store, ...options } as ManagerOptions)

const DAY = 86_400_000

t.test('a limit is itself allowed', async (t) => {
  t.equal(settled({ storeTimeout: 2 ** 31 - 1 }).storeTimeout, 2 ** 31 - 1)
  const name = 'x'.repeat(4000)
  t.equal(settled({ cookie: { name } }).cookie.name, name)
  t.equal(settled({ maxBytes: 1 }).maxBytes, 1)
  t.equal(settled({ lifetime: '400d' }).lifetime, 400 * DAY)
  t.equal(settled({ idleTimeout: '401d' }).idleTimeout, 401 * DAY)
  t.equal(settled({ cookie: { secure: 'auto' } }).cookie.secure, 'auto')
})

t.test('touchInterval is the smaller of a minute and a tenth of idleTimeout, and less than it', async (t) => {
  const table: readonly (readonly [ManagerOptions['idleTimeout'], number])[] = [
    ['20m', 60_000],
    ['10m', 60_000],
    ['5m', 30_000],
    [100, 10],
    [10, 1],
  ]
  for (const [idleTimeout, interval] of table) t.equal(settled({ idleTimeout }).touchInterval, interval, String(idleTimeout))
  for (let idleTimeout = 1; idleTimeout < 30; idleTimeout++) t.ok(settled({ idleTimeout }).touchInterval < idleTimeout, `${idleTimeout} ms`)
  t.throws(() => settled({ touchInterval: '1m' }), { code: 'FST_ERR_SCS_OPTION', message: 'Option touchInterval needs an idleTimeout.' })
  for (const touchInterval of ['20m', '21m']) {
    t.throws(() => settled({ idleTimeout: '20m', touchInterval }), {
      code: 'FST_ERR_SCS_OPTION',
      message: 'Option touchInterval must be less than idleTimeout.',
    })
  }
  t.equal(settled({ idleTimeout: '20m', touchInterval: 1_199_999 }).touchInterval, 1_199_999)
})

t.test('what is remembered has timeouts of its own, and what is left out stays as it is', async (t) => {
  const table: readonly (readonly [ManagerOptions, ReturnType<typeof settled>['remember'], touchInterval: number])[] = [
    [{ remember: { lifetime: '30d', idleTimeout: '7d' } }, { lifetime: 30 * DAY, idleTimeout: 7 * DAY }, 60_000],
    [{ remember: { lifetime: '30d' }, lifetime: '1h', idleTimeout: '5m' }, { lifetime: 30 * DAY, idleTimeout: 300_000 }, 30_000],
    [{ remember: { idleTimeout: '5m' }, idleTimeout: '20m' }, { lifetime: DAY, idleTimeout: 300_000 }, 30_000],
    [{ remember: { idleTimeout: 1000 } }, { lifetime: DAY, idleTimeout: 1000 }, 100],
    [{ remember: { lifetime: '30d' } }, { lifetime: 30 * DAY, idleTimeout: undefined }, 0],
    [{ remember: {}, lifetime: '1h' }, { lifetime: 3_600_000, idleTimeout: undefined }, 0],
    [{ remember: Object.freeze({ idleTimeout: '1h' as const }), touchInterval: '10m' }, { lifetime: DAY, idleTimeout: 3_600_000 }, 600_000],
  ]
  for (const [options, remember, touchInterval] of table) t.match(settled(options), { remember, touchInterval }, JSON.stringify(options))
  const bad: readonly (readonly [object, RegExp])[] = [
    ...NO_DURATION.flatMap((value): [object, RegExp][] => [
      [{ remember: { lifetime: value } }, /^Option remember\.lifetime must be .* at most 400 days/],
      [{ remember: { idleTimeout: value } }, /^Option remember\.idleTimeout must be milliseconds/],
    ]),
    [{ remember: { lifetime: '401d' } }, /^Option remember\.lifetime must be .* at most 400 days: browsers keep no cookie longer/],
    [{ remember: { persist: true } }, /^Option remember\.persist does not exist; there are lifetime, idleTimeout/],
    [
      { remember: { idleTimeout: '1h' }, idleTimeout: '2h', touchInterval: '1h' },
      /^Option touchInterval must be less than remember\.idleTimeout/,
    ],
    [{ remember: { idleTimeout: '2h' }, idleTimeout: '1h', touchInterval: '1h' }, /^Option touchInterval must be less than idleTimeout/],
    [{ remember: { lifetime: '2h' }, touchInterval: '1h' }, /^Option touchInterval needs an idleTimeout/],
  ]
  for (const [options, message] of bad) t.throws(() => settled(options), { code: 'FST_ERR_SCS_OPTION', message })
})
