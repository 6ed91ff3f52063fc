import t from 'tap'
import { everywhere, fixation, lostUpdate, resurrection } from '../support/attacks/finality.ts'
import { adoption, collision, theft } from '../support/attacks/secrets.ts'
import { onEvery, startStores } from '../support/attacks/stores.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const stores = await startStores(t)

t.test('attack 1: on every store, what was in flight at a logout brings the session back in no way', (t) =>
  onEvery(t, stores, resurrection),
)

t.test('attack 2: on every store, of requests at once none undoes another, removals included', (t) => onEvery(t, stores, lostUpdate))

t.test('attack 3: on every store, "log out everywhere" ends what lived, whatever logs in, renews and writes meanwhile', (t) =>
  onEvery(t, stores, everywhere),
)

t.test('attack 4: on every store, a token from before the login is dead after it, and what was in flight reaches neither session', (t) =>
  onEvery(t, stores, fixation),
)

t.test('attack 8: on every store, no byte on the disk gives a token away, and nothing found there serves as a cookie', (t) =>
  onEvery(t, stores, theft),
)

t.test('attack 10: a token that the store does not know is never adopted, on every store', (t) => onEvery(t, stores, adoption))

t.test('attack 11: on every store, a token that the generator repeats overwrites nobody', (t) => onEvery(t, stores, collision))
