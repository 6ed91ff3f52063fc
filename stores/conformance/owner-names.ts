import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, given, holds, isGone, owns, record, takes } from './expect.ts'

/** Owners that are hard to store, each with others that a careless store takes for the same. */
const table: readonly [label: string, owner: string, lookalikes: readonly string[]][] = [
  ['in lower case', 'ada', ['Ada', 'ADA', 'ad\u0430']],
  ['in capitals', 'ADA', ['ada', 'Ada']],
  ['with a space at its end', 'ada ', ['ada', 'ada  ', ' ada']],
  ['with single quotes', "' OR '1'='1", ['ada', "'", "''"]],
  ['with double quotes', '"ada"', ['ada', '"', '\\"ada\\"']],
  ['with a backslash', '\\', ['\\\\', '/', 'ada']],
  ['with a star', '*', ['ada', '**', '?']],
  ['with the wildcards of LIKE', '%', ['ada', '_', '___', '%%']],
  ['with a character class', '[a-z]da', ['ada', 'bda']],
  ['with braces', '{ada}', ['ada', '{}', '{', '{bob}']],
  ['with a colon', 'ada:bob', ['ada', 'ada:', 'bob', ':bob']],
  ['with a semicolon', ';ada', ['ada', ';']],
  ['with line breaks', 'ada\r\nbob', ['ada', 'bob', 'ada\nbob', 'ada\r\n']],
  ['with characters of four bytes', '👩🏽‍💻', ['👩', '👩🏽', '💻', '?', '�']],
  ['with a composed accent', 'é', ['e', 'e\u0301', 'É']],
  ['that folds in some languages', 'straße', ['strasse', 'STRASSE', 'strase']],
  ['called __proto__', '__proto__', ['constructor', 'ada', 'toString']],
  ['called constructor', 'constructor', ['__proto__', 'prototype']],
  ['that looks like a number', '1', ['01', '1.0', ' 1', '1e0', 'true']],
  ['of 200 characters', 'x'.repeat(200), ['x'.repeat(199), `${'x'.repeat(199)}y`]],
]

/** Owners that may be too long for a database, each with others that are the same up to where a column or an index may end. */
const longTable: readonly [label: string, owner: string, lookalikes: readonly string[]][] = [
  ['of 256 characters', 'x'.repeat(256), ['x'.repeat(255), `${'x'.repeat(255)}y`]],
  ['of 300 characters', 'x'.repeat(300), ['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(299), `${'x'.repeat(299)}y`]],
  ['of 1000 characters', 'x'.repeat(1000), ['x'.repeat(999), `${'x'.repeat(999)}y`, `${'x'.repeat(512)}${'y'.repeat(488)}`]],
  ['of 5000 characters', 'x'.repeat(5000), ['x'.repeat(4999), `${'x'.repeat(4999)}y`, 'x'.repeat(1000)]],
  ['of 100 characters of four bytes', '👩'.repeat(100), [`${'👩'.repeat(99)}💻`, '👩'.repeat(63), '👩'.repeat(64), '👩'.repeat(99)]],
  ['of 300 characters of four bytes', '👩'.repeat(300), [`${'👩'.repeat(299)}💻`, '👩'.repeat(255), '👩'.repeat(256)]],
]

/** What the contract promises about owners: a name has no special meaning, and is never mistaken for another. */
export const ownerNameCases: readonly ConformanceCase[] = [
  ...table.map(
    ([label, owner, lookalikes]): ConformanceCase => ({
      name: `an owner ${label} is a name like any other`,
      promise: 'owners',
      needs: ['owner'],
      run: (context) => keepsOwnersApart(context, owner, lookalikes),
    }),
  ),
  ...[...longTable, ['with a zero byte', 'ada\0bob', ['ada', 'bob', 'adabob']] as const, ['that is empty', '', ['ada', ' ']] as const].map(
    ([label, owner, lookalikes]): ConformanceCase => ({
      name: `an owner ${label} is a name like any other, or is refused`,
      promise: 'owners',
      needs: ['owner'],
      async run(context) {
        const { store, later } = context
        if (await takes(() => store.create('probe', record('data', later(), owner)))) {
          await store.delete('probe')
          await keepsOwnersApart(context, owner, lookalikes)
        } else await isGone(store, 'probe', 'a record that was refused is not kept')
      },
    }),
  ),
]

async function keepsOwnersApart({ store, later }: CaseContext, owner: string, lookalikes: readonly string[]): Promise<void> {
  const others = lookalikes.map((name, index) => ({ key: `other${index}`, name, record: record('data', later(), name) }))
  const kept = record('data', later(), owner)
  const nobodys = record('data', later())
  await given(store, { key: kept, nobodys, ...Object.fromEntries(others.map((other) => [other.key, other.record])) })
  await holds(store, 'key', kept, 'find brings the owner as it was written')
  await owns(store, owner, ['key'], 'ownedBy shows the records of the owner')
  for (const other of others) await owns(store, other.name, [other.key], 'ownedBy shows the records of a similar owner')
  await answers(store.deleteOwnedBy(owner), 1, 'deleteOwnedBy removes the records of the owner alone')
  await isGone(store, 'key', 'deleteOwnedBy removes the records of the owner')
  for (const other of [...others, { key: 'nobodys', record: nobodys }]) {
    await holds(store, other.key, other.record, `deleteOwnedBy of ${JSON.stringify(owner)} leaves the records of a similar owner alone`)
  }
}
