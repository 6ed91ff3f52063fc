import t from 'tap'
import { huge, payloads, releases, removal } from '../support/attacks/hostile.ts'
import { binary, keyNames, ownerNames, tenants, undropped } from '../support/attacks/names.ts'
import { onEvery, startStores } from '../support/attacks/stores.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const stores = await startStores(t)

t.test('attack 12: on every store, a session whose deadline has come is dead though its row was never removed', (t) =>
  onEvery(t, stores, undropped),
)

t.test('attack 23: on every store, a hostile payload is no session, no crash, and no error that comes back', (t) =>
  onEvery(t, stores, payloads),
)

t.test('attack 24: on every store, every key is only a key or is refused', (t) => onEvery(t, stores, keyNames))

t.test('attack 25: on every store, an owner is taken literally, and no two that differ are one', (t) => onEvery(t, stores, ownerNames))

t.test('attack 25: tenants on one engine never see each other, whatever they are called', (t) => onEvery(t, stores, tenants))

t.test('attack 27: on every store, a session beyond its size is refused and nothing of it is kept', (t) => onEvery(t, stores, huge))

t.test('attack 33: on every store, the removal of a value is saved, in whatever way it was asked for', (t) => onEvery(t, stores, removal))

t.test('attack 34: on every store, two releases read each other’s sessions and lose nothing', (t) => onEvery(t, stores, releases))

t.test('attack 38: on every store, bytes, Unicode and every kind of value come back to the bit', (t) => onEvery(t, stores, binary))
