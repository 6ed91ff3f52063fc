/**
 * The attacks, under the numbers that the tests use. `tests` names a file and the beginning of the title of one test in it; `app` is what the application
 * has to add.
 */
export const attacks = [
  {
    group: 'Final means final',
    id: 1,
    attack: 'A request that loaded the session before the logout brings it back when it is saved after it.',
    holds: 'The old token stays dead; no row, no cookie.',
    tests: [
      ['test/attacks/every-store', 'attack 1:'],
      ['test/schedules/pairs', 'the laws hold for any two'],
      ['test/schedules/triples', 'the laws hold for any three'],
      ['test/schedules/random', 'the laws hold for up to eight'],
      ['test/support/local-processes', 'a session that one process ends'],
      ['test/stores/redis-cluster', 'an announcement that arrives again'],
    ],
  },
  {
    id: 2,
    attack: 'Requests at once undo each other’s changes.',
    holds: 'Changes of different keys all hold, removals too; of one key the later save holds; `update` counts exactly.',
    tests: [
      ['test/attacks/every-store', 'attack 2:'],
      ['test/http/concurrency-updates', 'rule 3: of 2 to 50 requests'],
      ['test/http/concurrency-updates', 'rule 3: a counter kept with update is exact with 50'],
      ['test/support/local-processes', 'of 50 updates from each of four processes'],
    ],
  },
  {
    id: 3,
    attack:
      '“Log out everywhere” misses a session that is renewed, written or begun meanwhile; a login that is half done counts as a whole one.',
    holds: 'Whatever lived when it was called is dead when it returns. A login that is saved after it returned is not among them.',
    app: 'Keep a user who has passed one factor of two under another key than a logged-in one (the recipe below).',
    tests: [
      ['test/attacks/every-store', 'attack 3:'],
      ['test/attacks/logins', 'attack 3:'],
      ['test/schedules/triples', 'the laws hold for any three'],
      ['stores/conformance/delete-owned-by', 'deleteOwnedBy misses none that is renamed'],
      ['test/stores/redis-cluster-owners', 'log out everywhere ends a session that is being moved'],
      ['test/stores/mysql-servers', 'under read committed, no session is missed'],
      ['test/http/manager-owners', 'destroyOwnedBy with a request in flight'],
    ],
  },
  {
    id: 4,
    attack: 'A token that was planted before the login is logged in with the user (fixation), or works beside the new one.',
    holds: 'After `renewToken` exactly the new token works, wherever the renewal is cut off. What was in flight reaches neither session.',
    app: 'Call `renewToken` or `regenerate` at every login and every change of rights.',
    tests: [
      ['test/attacks/every-store', 'attack 4:'],
      ['test/attacks/logins', 'attack 4:'],
      ['test/schedules/crashes', 'the laws hold when a login'],
      ['test/stores/redis-cluster', 'wherever a rename is cut off'],
      ['test/faults/redis', 'a connection reset after any number of bytes'],
      ['test/faults/postgres', 'a connection reset after any number of bytes'],
      ['test/faults/mysql', 'a connection reset after any number of bytes'],
      ['test/stores/lmdb-kill', 'killed forty times'],
      ['test/stores/express', 'a rename that fails half-way'],
    ],
  },
  {
    id: 5,
    attack: 'A CSRF token that an attacker obtained before the login is good after it.',
    holds: '`regenerate(keep)` drops what is not named. `renewToken` alone keeps every value, the CSRF secret among them.',
    app: 'Log in with `regenerate`, or remove the secret (`_csrf` of @fastify/csrf-protection).',
    tests: [
      ['test/attacks/csrf', 'attacks 5 and 40: a CSRF token'],
      ['test/attacks/csrf', 'attacks 5 and 40: renewToken alone'],
    ],
  },
  {
    id: 6,
    attack: 'A handler that sends without returning its reply crashes the process, because the reply is sent twice.',
    holds: 'One commit, one cookie, one reply.',
    tests: [
      ['test/fastify/replies', 'with …, through …'],
      ['test/fastify/replies-twice', 'an async handler that sends and then throws'],
      ['test/fastify/managers', 'an async handler that sends without returning'],
    ],
  },
  {
    id: 7,
    attack: 'A user is given the reply of another: state shared between requests, or a connection that is out of step.',
    holds: 'No reply ever has another user’s mark, over a network that delays, resets and hangs up.',
    tests: [
      ['test/faults/redis', '3,000 requests of 200 users'],
      ['test/faults/postgres', '3,000 requests of 200 users'],
      ['test/faults/mysql', '3,000 requests of 200 users'],
      ['test/fastify/managers', 'two applications in one process share nothing'],
    ],
  },
  {
    id: 8,
    attack: 'Whoever reads the database, a backup or a log of it uses the tokens in it.',
    holds:
      'The store has SHA-256 of the token. No file of the engine has a token, in any spelling; no row serves as a cookie. (Not with `hashToken: false`.)',
    app: 'Keep the database private all the same: the values lie in it in clear, but with [EncryptedCodec](encryption.md).',
    tests: [
      ['test/attacks/every-store', 'attack 8:'],
      ['test/http/secrecy', 'rule 10: the store never sees a token'],
      ['test/http/secrecy', 'rule 10: a key of the store'],
      ['test/http/scs-cases', 'token hashing'],
    ],
  },
  {
    id: 49,
    attack:
      'Whoever reads the database or a backup reads the values; whoever writes to it changes one of them; a key is forgotten at a release.',
    holds:
      'With `EncryptedCodec` no value is in the store, and a payload that was changed is no session. What no key opens is left alone: nobody is logged out for good.',
    app: 'Register `EncryptedCodec`. Who can write to the store can still put one row in the place of another.',
    tests: [
      ['test/lib/codecs/encrypted', 'XAES-256-GCM: the vectors'],
      ['test/lib/codecs/encrypted', 'a bit that changed'],
      ['test/http/encrypted-sessions', 'encryption is switched on'],
      ['test/http/encrypted-sessions', 'a key that was forgotten'],
      ['test/http/encrypted-sessions', 'a byte that somebody changed'],
    ],
  },
  {
    group: 'Strangers',
    id: 9,
    attack: 'Requests without a session fill the store, or keep it busy.',
    holds: 'Nothing is written. A token that could be one costs one read, with a logout two; anything else none.',
    app: 'A route on which strangers may `put` makes a session for each of them: limit its rate.',
    tests: [
      ['test/attacks/strangers', 'attack 9:'],
      ['test/http/lifecycle', 'rule 1:'],
    ],
  },
  {
    id: 10,
    attack: 'A token that the client made up, or one that ended, expired or belongs elsewhere, becomes that of a session.',
    holds: 'It is never adopted; a session that begins has a token of its own. Nothing is logged for it.',
    app: 'To see guessing, count `result: "unknown"` on the channel `tracing:scs:load:asyncEnd`.',
    tests: [
      ['test/attacks/every-store', 'attack 10:'],
      ['test/attacks/strangers', 'attack 10:'],
      ['test/http/lifecycle', 'a token that the store does not know'],
    ],
  },
  {
    id: 11,
    attack: 'A generator that repeats itself gives a user the session of another.',
    holds: 'A new session never overwrites; another token is made, three times, then 503.',
    tests: [
      ['test/attacks/every-store', 'attack 11:'],
      ['test/http/concurrency-updates', 'a store that holds every new key'],
      ['stores/conformance/create', 'create answers false on a living key'],
    ],
  },
  {
    group: 'Time',
    id: 12,
    attack: 'A session lives on because the engine did not drop it.',
    holds:
      'The absolute deadline is in the payload and the node checks it. The idle timeout is the store’s expiry: where somebody removed that (PERSIST in Redis), the session idles on until its next request, which gives it a new one, and to its deadline at most.',
    tests: [
      ['test/attacks/every-store-data', 'attack 12:'],
      ['test/http/timeouts', 'a session ends when it was idle'],
      ['test/http/timeouts', 'rule 4: the deadline holds'],
      ['stores/conformance/find', 'find returns undefined for a record that has expired'],
      ['test/http/owner-mending', 'a session that was left without an end'],
    ],
  },
  {
    id: 13,
    attack: 'After a restart, or with other options, an old session lives for ever.',
    holds: 'A session keeps the deadline that it was given.',
    tests: [
      ['test/attacks/failing', 'attack 13:'],
      ['test/stores/lmdb-files', 'what was acknowledged is there'],
    ],
  },
  {
    id: 14,
    attack: 'Reads that prolong the idle timeout write to the store each time, or end a session early.',
    holds: 'One write an interval at most; a session ends between `idleTimeout - touchInterval` and `idleTimeout` after its last request.',
    tests: [
      ['test/http/touches', 'rule 2: a touch is written at most once'],
      ['test/http/touches', 'rule 2: the expiry is never later'],
      ['test/lib/plan', 'a session in use ends no earlier'],
    ],
  },
  {
    id: 15,
    attack: 'A node whose clock is wrong ends everybody’s sessions, or makes some that never end.',
    holds: 'Five minutes of difference change a session’s life by five minutes, and nothing else.',
    tests: [
      ['test/stores/clocks', '…: a node whose clock'],
      ['test/stores/clocks', '…: what a wrong clock wrote'],
      ['test/support/sql-suite', 'what the server’s clock says counts'],
      ['test/stores/redis-times', 'a clock that differs'],
    ],
  },
  {
    group: 'A store that fails',
    id: 16,
    attack: 'Something throws while a session is being ended, and it lives on unnoticed.',
    holds: 'It is ended, or the reply is an error. A session that cannot be read can be ended.',
    tests: [
      ['test/attacks/failing', 'attack 16:'],
      ['test/http/failed-requests', 'rule 8: a destroy holds'],
      ['test/fastify/store-faults-calls', 'a destroy that fails rejects'],
    ],
  },
  {
    id: 17,
    attack: 'A store that is down makes everybody a stranger, or tells where the database is.',
    holds: '503 with a plain sentence; the handler does not run, the cookie stays and works again afterwards.',
    tests: [
      ['test/attacks/failing', 'attack 17:'],
      ['test/fastify/store-faults', 'a load that meets a fault'],
      ['test/fastify/store-faults-calls', 'a load that fails reaches a custom error handler'],
      ['test/faults/redis', 'the server killed'],
      ['test/faults/postgres', 'the server killed'],
      ['test/faults/mysql', 'the server killed'],
    ],
  },
  {
    id: 18,
    attack: 'A shared cache keeps a reply with a session cookie, or a user’s page, and gives it to others.',
    holds:
      'With the cookie `Cache-Control` has `no-cache="Set-Cookie"` and is private, what speaks to a CDN alone says `no-store`, and every reply of a session route has `Vary: Cookie`.',
    app: 'A page that shows what is in a session says `private` or `no-store` itself. An `onSend` hook registered after the plugin comes after it and must not undo this.',
    tests: [
      ['test/attacks/guards', 'attack 18: whatever a route says'],
      ['test/attacks/guards', 'attack 18: the error'],
      ['test/http/lifecycle-headers', 'rule 2: with a Set-Cookie'],
      ['test/http/lifecycle-headers', 'rule 2: Vary: Cookie'],
      ['test/fastify/replies-headers', 'the headers of a Response'],
    ],
  },
  {
    id: 28,
    attack: 'A store that accepts and never answers holds up all requests.',
    holds:
      'Each is answered when its budget (`storeTimeout`) ends; the memory stays flat, and nothing is sent afterwards. There is no circuit breaker.',
    tests: [
      ['test/faults/redis', 'a server that accepts'],
      ['test/faults/postgres', 'a server that accepts'],
      ['test/faults/mysql', 'a server that accepts'],
      ['test/faults/postgres', 'a pool that is in use elsewhere'],
      ['test/fastify/store-faults', 'a hang of the load'],
    ],
  },
  {
    id: 29,
    attack: 'A connection that is reset in the middle of a reply gives the next request the rest of it.',
    holds: 'An error, or the right answer.',
    tests: [
      ['test/faults/redis', 'a connection reset after any number of bytes'],
      ['test/faults/postgres', 'a connection reset after any number of bytes'],
      ['test/faults/mysql', 'a connection reset after any number of bytes'],
      ['test/faults/redis', 'all connections reset'],
    ],
  },
  {
    id: 30,
    attack: 'A login whose save failed answers 200 with a cookie that is worth nothing; a counter moves though nothing was saved.',
    holds: '503, no cookie, nothing kept. A write whose answer was lost is looked up.',
    tests: [
      ['test/attacks/failing', 'attack 30:'],
      ['test/fastify/store-faults', 'a commit whose … meets'],
      ['test/fastify/store-faults', 'a … that was done although'],
    ],
  },
  {
    id: 32,
    attack: 'A failover of Redis undoes a logout that had not reached the replica.',
    holds: 'With `wait` an end is on the replica when it is answered, or it is a 503. Without it the last moments may be lost.',
    app: 'Set `wait` and persistence where that matters ([stores](stores.md#what-each-can-lose)).',
    tests: [
      ['test/faults/redis-failover', 'Sentinel makes'],
      ['test/stores/redis-sentinel', 'with wait, the end'],
      ['test/stores/redis-sentinel', 'what no replica acknowledges'],
    ],
  },
  {
    group: 'Cookies and headers',
    id: 19,
    attack: 'A cookie that another host can set is read as one with our `__Host-` name; a flood of cookies keeps the server busy.',
    holds: 'Names are compared byte by byte and nothing is decoded. Three tokens are tried at most; where two are valid, none is used.',
    app: 'Use a `__Host-` name: without one a sibling host can plant a cookie of our name, and hide the user’s own.',
    tests: [
      ['test/attacks/cookies', 'attack 19: no cookie'],
      ['test/attacks/cookies', 'attack 19: duplicates'],
      ['test/lib/http/cookie-read', 'no trick makes'],
      ['test/lib/http/cookie-read', 'a header of any size'],
      ['test/http/duplicate-cookies', 'rule 9: where the store knows several'],
    ],
  },
  {
    id: 20,
    attack: 'Odd tokens: too long, decoded twice, of an older format, signed, encoded.',
    holds: 'What is not 43 characters of base64url is no token and costs no read. There is no second format to fall back to.',
    tests: [
      ['test/attacks/cookies', 'attack 20:'],
      ['test/fuzz/targets', 'any Cookie header'],
      ['test/lib/token', 'the shape of a token is'],
      ['test/http/lifecycle', 'rule 9: a token of the wrong shape'],
    ],
  },
  {
    id: 22,
    attack: 'A cookie that is weaker than its name says, or whose name, path or domain smuggles in attributes or headers.',
    holds: 'Refused at register, with the option and the rule.',
    tests: [
      ['test/attacks/guards', 'attack 22: a cookie that cannot'],
      ['test/attacks/guards', 'attack 22: a reply’s own'],
      ['test/attacks/guards', 'attack 22: the defaults'],
      ['test/lib/http/cookie', 'what a header cannot carry'],
    ],
  },
  {
    group: 'Data',
    id: 23,
    attack: 'Bytes in the store that are no session, made to crash the reader or to run in it.',
    holds: 'A new session, one warning that quotes nothing, and exactly those bytes are removed. Only data is decoded, never code.',
    tests: [
      ['test/attacks/every-store-data', 'attack 23:'],
      ['test/fuzz/targets', 'whatever lies under a token'],
      ['test/http/broken-records', 'rule 7: what cannot be read'],
      ['test/lib/data/codec-hostile', 'any bytes give a session'],
      ['test/lib/data/codec-hostile', 'however deep a payload'],
    ],
  },
  {
    id: 24,
    attack: 'Keys that are names of methods or prototypes, empty, very long or not text at all.',
    holds: 'Each is only a key. Those with two leading underscores are refused.',
    tests: [
      ['test/attacks/every-store-data', 'attack 24:'],
      ['test/http/session-object', 'keys that are names of methods'],
      ['test/lib/data/values-foreign', 'a key named __proto__'],
    ],
  },
  {
    id: 25,
    attack: 'Names of users, tables, prefixes or tenants that mean something to the engine, or reach into what belongs to others.',
    holds:
      'Owners are parameters. Tables, prefixes and names are taken literally or refused. Two managers that share one store are warned of.',
    app: 'Give each manager a store of its own (a table, a prefix, a name): with one store the token of a user is a token of the administrators’ manager too.',
    tests: [
      ['test/attacks/every-store-data', 'attack 25: on every store'],
      ['test/attacks/every-store-data', 'attack 25: tenants'],
      ['test/attacks/guards', 'attack 25:'],
      ['test/stores/redis-server', 'a prefix is taken literally'],
      ['test/support/sql-suite', 'two tables never see each other'],
      ['test/stores/lmdb-files', 'stores with different names'],
    ],
  },
  {
    id: 27,
    attack: 'A session that is made to grow fills the store.',
    holds: 'Beyond `maxBytes` (64 KiB) the request fails, and the session is as it was.',
    tests: [
      ['test/attacks/every-store-data', 'attack 27:'],
      ['test/lib/data/values', 'a value may have only so many parts'],
    ],
  },
  {
    id: 33,
    attack: 'The removal of a value, which is a logout to many an application, is not saved.',
    holds: 'It is, in whatever way it was asked for, and the list by owner follows.',
    tests: [
      ['test/attacks/every-store-data', 'attack 33:'],
      ['test/model/model-memory', 'on the memory store, whatever'],
      ['test/model/model-redis', 'on Redis, whatever'],
      ['test/model/model-postgres', 'on PostgreSQL, whatever'],
      ['test/model/model-mysql', 'on MariaDB, whatever'],
      ['test/model/model-lmdb', 'on LMDB, whatever'],
      ['test/http/manager-owners', 'the owner follows the session'],
      ['test/stores/memory-model', 'in whatever order it is used'],
    ],
  },
  {
    id: 34,
    attack: 'A deployment, or the way back from one, logs everybody out or drops what the other release stored.',
    holds: 'A key that the schema does not know is carried; `upgrade` mends what it refuses.',
    tests: [
      ['test/attacks/every-store-data', 'attack 34:'],
      ['test/http/broken-records', 'rule 7: what upgrade mends'],
      ['test/http/broken-records', 'rule 7: a key that the schema does not know'],
    ],
  },
  {
    id: 38,
    attack: 'An engine that compares or keeps text in its own way: case, trailing blanks, accents, zero bytes.',
    holds: 'Every byte comes back, and no two keys or owners that differ are one.',
    tests: [
      ['test/attacks/every-store-data', 'attack 38:'],
      ['test/attacks/every-store-data', 'attack 25: on every store'],
      ['stores/conformance/bytes', 'every byte from 0 to 255'],
      ['test/stores/mysql', 'a key that differs in case alone'],
    ],
  },
  {
    group: 'Operations',
    id: 26,
    attack: 'Tokens and values in logs, errors, traces and pages.',
    holds: 'No token is in anything that the library logs, throws, publishes or shows; a driver’s arguments are not logged.',
    app: 'Do not log the headers `cookie` and `set-cookie` (Fastify’s logger does not), nor `session.token` and `session.data()`.',
    tests: [
      ['test/http/secrecy', 'rule 10: no token is in any log line'],
      ['test/http/secrecy', 'rule 10: a session shows its id'],
      ['test/attacks/failing', 'attack 26:'],
      ['test/fastify/tracing', 'loads and commits are published'],
      ['test/fastify/store-faults-replies', 'what failed is in the log'],
      ['test/lib/data/codec-refusals', 'no message has a word of the payload'],
    ],
  },
  {
    id: 36,
    attack: 'The page of a user’s devices shows secrets, or lets them end those of others.',
    holds:
      'A handle (`id`) that is neither token nor key; `ownedBy` and `destroy(id, { owner })` keep to the owner, and refuse one that is undefined.',
    app: 'Take the owner from the session, never from the request ([recipe](recipes/devices.md)).',
    tests: [
      ['test/attacks/logins', 'attack 36: a user sees'],
      ['test/attacks/logins', 'attack 36: a thousand'],
      ['test/attacks/logins', 'attack 36: a login goes stale'],
      ['test/http/manager', 'destroy ends the session with a handle'],
      ['test/support/sql-suite', 'the listings go through many pages'],
    ],
  },
  {
    id: 37,
    attack: 'The time of a look-up tells how much of a guess was right.',
    holds:
      'What is looked up is the hash of the guess. Measured over a million look-ups ([figures](../bench/results/timing.md)): |t| is 2, where 4.5 would tell the two apart; with `hashToken: false` it is 24. No test asserts a time.',
    tests: [['test/lib/token', 'the hash of a token']],
  },
  {
    id: 39,
    attack: 'The removal of a million expired sessions holds up everybody else, or takes a living one with it.',
    holds:
      'Bounded batches by an index, passing over locked rows; what was prolonged stays; a failing batch ends nothing; the timer ends with the app.',
    tests: [
      ['test/support/sql-races', 'eight clean-ups at once'],
      ['test/support/sql-races', 'a clean-up does not wait'],
      ['test/stores/mysql', 'a clean-up uses the index'],
      ['test/stores/postgres', 'what has expired is found by the index'],
      ['test/support/local-processes', 'two processes that clean up'],
      ['test/stores/memory', 'of a million sessions'],
      ['test/lib/store/cleaner', 'a clean-up that fails'],
    ],
  },
  {
    id: 40,
    attack: 'A CSRF token of one session is used in another.',
    holds: 'Refused: its secret is in the session.',
    app: 'Register @fastify/csrf-protection with `sessionPlugin: "@fastify/secure-session"`.',
    tests: [
      ['test/attacks/csrf', 'attack 40:'],
      ['test/attacks/csrf', 'attacks 5 and 40: a CSRF token'],
      ['test/attacks/csrf', 'attacks 5 and 40: renewToken alone'],
      ['test/fastify/neighbours', '@fastify/csrf-protection keeps its secret'],
      ['test/fastify/neighbours', '@fastify/csrf-protection may bind'],
    ],
  },
  {
    id: 50,
    attack: 'A page of another site forges a request by the way that is meant for clients without cookies.',
    holds:
      'No browser sends the header of the option `token` of its own accord, and a page of another origin cannot without the leave of CORS. With the header the cookie counts for nothing, whatever the header says.',
    app: 'Ask for CSRF tokens where that header is missing or empty, and do not list it in the `allowedHeaders` of CORS ([recipe](recipes/mobile.md)).',
    tests: [
      ['test/neighbours/mobile', 'mobile.md: a browser gets'],
      ['test/http/token-header', 'the header goes before the cookie'],
    ],
  },
  {
    id: 51,
    attack: 'A login of long ago, or of somebody else, passes for a fresh one.',
    holds:
      'Only `renewToken()` and `create()` are logins. They count for the owner of then: another owner, none, a merge or a request that failed makes nobody fresh, and neither does `renewToken({ reauthenticated: false })`.',
    tests: [
      ['test/http/freshness', 'a login is its owner'],
      ['test/http/freshness', 'a renewal for another reason'],
      ['test/http/freshness', 'a login of a request that fails'],
    ],
  },
  {
    id: 41,
    attack: 'One account is used on any number of devices.',
    holds:
      'With the option `limit` exactly so many sessions of an owner live, in every order of the store calls of parallel logins and of several processes.',
    app: 'Set it.',
    tests: [
      ['test/attacks/logins', 'attack 41:'],
      ['test/schedules/limit', 'exactly as many sessions live as the limit says'],
      ['test/stores/limit-processes', 'of logins at once from four processes'],
    ],
  },
  {
    id: 42,
    attack: 'A shutdown loses what requests in flight were to save, or never ends.',
    holds: '`app.close()` lets them save, and leaves no timer.',
    tests: [
      ['test/fastify/close', 'app.close() lets requests in flight'],
      ['test/fastify/close', 'the plugin keeps no process alive'],
      ['test/fastify/close', 'a load and a commit leave no timer'],
    ],
  },
  {
    id: 43,
    attack: 'The memory store grows without end, or hands out what it keeps.',
    holds:
      'It is bounded (`maxSessions`), drops the expired first and then the least recently used, and shares no bytes. Strangers leave nothing in it.',
    app: 'Use another store in production: whoever may start sessions can drop those of others from a full one.',
    tests: [
      ['test/attacks/strangers', 'attack 43: whoever'],
      ['test/attacks/strangers', 'attack 43: what a handler'],
      ['test/stores/memory-process', 'reading does not make the memory grow'],
      ['test/stores/memory', 'nothing that comes in or goes out shares bytes'],
    ],
  },
  {
    id: 46,
    attack: 'Tokens that can be guessed: too short, of a weak generator, from a pool that a snapshot or a fork copies.',
    holds: '32 bytes of the system’s generator for each token, at the moment when it is needed.',
    tests: [
      ['test/attacks/tokens', 'attack 46: a million tokens'],
      ['test/attacks/tokens', 'attack 46: tokens come from'],
      ['test/attacks/tokens', 'attack 46: two processes'],
      ['test/lib/token', 'a new token is 32 random bytes'],
    ],
  },
  {
    id: 48,
    attack: 'Tests that would not notice if one of these came back.',
    holds:
      'A reference from this page to a test that does not exist fails the build, and each store of the conformance suite’s own tests breaks one promise and is refused.',
    tests: [
      ['test/attacks/table', 'docs/security.md is what its registry says'],
      ['test/stores/conformance/conformance', 'each broken store is refused'],
      ['test/stores/conformance/conformance', 'each case has a broken store'],
    ],
  },
]
