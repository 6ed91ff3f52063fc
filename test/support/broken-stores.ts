import { brokenCreates } from './broken-creates.ts'
import { brokenEnds } from './broken-ends.ts'
import { brokenFar } from './broken-far.ts'
import { brokenInstances } from './broken-instances.ts'
import { brokenKeys } from './broken-keys.ts'
import { brokenLate } from './broken-late.ts'
import { brokenListings } from './broken-listings.ts'
import { brokenOwnerEnds } from './broken-owner-ends.ts'
import { brokenOwnerNames } from './broken-owner-names.ts'
import { brokenOwners } from './broken-owners.ts'
import { brokenRaces } from './broken-races.ts'
import { brokenRacesEnds } from './broken-races-ends.ts'
import { brokenRacesOwners } from './broken-races-owners.ts'
import { brokenReads } from './broken-reads.ts'
import { brokenRenames } from './broken-renames.ts'
import { brokenUpdates } from './broken-updates.ts'
import type { BrokenStore } from './reference-store.ts'

/** The stores that the suite must refuse. */
export const brokenStores: readonly BrokenStore[] = [
  ...brokenReads,
  ...brokenCreates,
  ...brokenUpdates,
  ...brokenRenames,
  ...brokenEnds,
  ...brokenKeys,
  ...brokenListings,
  ...brokenOwners,
  ...brokenOwnerNames,
  ...brokenOwnerEnds,
  ...brokenRaces,
  ...brokenRacesEnds,
  ...brokenRacesOwners,
  ...brokenFar,
  ...brokenLate,
  ...brokenInstances,
]
