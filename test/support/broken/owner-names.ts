import type { StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Takes owners for the same whose names become the same. */
function folding(fold: (owner: string) => string): typeof ReferenceStore {
  return class extends ReferenceStore {
    override deleteOwnedBy(owner: string, exceptKey?: string) {
      const keys = this.entries().filter((entry) => fold(entry.record.owner ?? '') === fold(owner) && entry.key !== exceptKey)
      return keys.filter((entry) => this.records.delete(entry.key)).length
    }
  }
}

/** Finds owners by a pattern. */
function matching(pattern: (owner: string) => RegExp): typeof ReferenceStore {
  return class extends ReferenceStore {
    override deleteOwnedBy(owner: string) {
      const keys = this.entries().filter((entry) => entry.record.owner && pattern(owner).test(entry.record.owner))
      return keys.filter((entry) => this.records.delete(entry.key)).length
    }
  }
}

/** Keeps another owner than the one that was given. */
function keeping(change: (owner: string) => string): typeof ReferenceStore {
  return class extends ReferenceStore {
    override keep(key: string, record: StoreRecord) {
      return super.keep(key, { ...record, owner: record.owner && change(record.owner) })
    }
  }
}

/** Stores that take one owner for another: each must be refused by the case of the owner with this label. */
const labelled: readonly [broken: string, label: string, Store: typeof ReferenceStore][] = [
  ['owners are folded to lower case', 'in lower case', folding((owner) => owner.toLowerCase())],
  ['owners are folded to capitals', 'in capitals', folding((owner) => owner.toUpperCase())],
  ['spaces at the end of an owner are dropped', 'with a space at its end', folding((owner) => owner.trimEnd())],
  ['single quotes are doubled', 'with single quotes', keeping((owner) => owner.replaceAll("'", "''"))],
  ['double quotes are escaped', 'with double quotes', keeping((owner) => JSON.stringify(owner).slice(1, -1))],
  ['backslashes escape', 'with a backslash', keeping((owner) => owner.replaceAll('\\\\', '\\'))],
  ['a star stands for every owner', 'with a star', matching((owner) => (owner === '*' ? /.*/ : /^never$/))],
  ['owners are patterns of LIKE', 'with the wildcards of LIKE', matching((owner) => (owner === '%' ? /.*/ : /^never$/))],
  ['owners are patterns', 'with a character class', matching((owner) => new RegExp(owner))],
  ['braces are dropped', 'with braces', folding((owner) => owner.replace(/^\{|\}$/g, ''))],
  ['an owner ends at a colon', 'with a colon', folding((owner) => owner.split(':', 1)[0] ?? '')],
  ['a semicolon is dropped', 'with a semicolon', folding((owner) => owner.replace(';', ''))],
  ['line breaks are made the same', 'with line breaks', keeping((owner) => owner.replaceAll('\r\n', '\n'))],
  [
    'characters of four bytes become question marks',
    'with characters of four bytes',
    keeping((owner) => owner.replace(/[\u{10000}-\u{10ffff}]/gu, '?')),
  ],
  ['accents are composed', 'with a composed accent', folding((owner) => owner.normalize('NFC'))],
  ['owners are folded as a language folds them', 'that folds in some languages', folding((owner) => owner.toUpperCase())],
  ['an owner is a property of an object', 'called __proto__', keeping((owner) => (owner === '__proto__' ? '' : owner))],
  ['an owner is looked up in an object', 'called constructor', keeping((owner) => (owner === 'constructor' ? '' : owner))],
  ['owners that look like numbers become numbers', 'that looks like a number', folding((owner) => `${Number(owner) || owner}`)],
  ['owners are cut off at 128 characters', 'of 200 characters', keeping((owner) => owner.slice(0, 128))],
]

const bytesOf = (owner: string, most: number) => Buffer.from(owner).subarray(0, most).toString('latin1')

/** Stores that take one long owner for another. */
const long: readonly [broken: string, label: string, Store: typeof ReferenceStore][] = [
  ['owners are looked up by 255 characters', 'of 256 characters', folding((owner) => owner.slice(0, 255))],
  ['owners are looked up by 255 characters', 'of 300 characters', folding((owner) => owner.slice(0, 255))],
  ['owners are looked up by 256 characters', 'of 300 characters', folding((owner) => owner.slice(0, 256))],
  ['owners are cut off at 768 characters', 'of 1000 characters', keeping((owner) => owner.slice(0, 768))],
  ['owners are cut off at 4096 characters', 'of 5000 characters', keeping((owner) => owner.slice(0, 4096))],
  ['owners are looked up by 255 bytes', 'of 100 characters of four bytes', folding((owner) => bytesOf(owner, 255))],
  ['owners are looked up by 1024 bytes', 'of 300 characters of four bytes', folding((owner) => bytesOf(owner, 1024))],
]

/** Stores that mix owners up. */
export const brokenOwnerNames: readonly BrokenStore[] = [
  ...labelled.map(([broken, label, Store]): BrokenStore => [broken, `an owner ${label} is a name like any other`, Store]),
  ...long.map(([broken, label, Store]): BrokenStore => [broken, `an owner ${label} is a name like any other, or is refused`, Store]),
  [
    'an owner ends at a zero byte',
    'an owner with a zero byte is a name like any other, or is refused',
    folding((owner) => owner.split('\0', 1)[0] ?? ''),
  ],
  [
    'an owner that is empty is none',
    'an owner that is empty is a name like any other, or is refused',
    class extends ReferenceStore {
      override keep(key: string, { owner, ...record }: StoreRecord) {
        return super.keep(key, owner ? { ...record, owner } : record)
      }
    },
  ],
  ['no owner is the owner that is empty', 'an owner that is empty is a name like any other, or is refused', folding((owner) => owner)],
  [
    'no owner is the owner "undefined"',
    'ownedBy of an owner without records lists nothing, and a record without an owner is nobody’s',
    folding((owner) => owner || 'undefined'),
  ],
]
