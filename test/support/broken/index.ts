import type { BrokenStore } from '../reference-store.ts'
import { brokenCreates } from './creates.ts'
import { brokenDeleteOwnedBy } from './delete-owned-by.ts'
import { brokenEnds } from './ends.ts'
import { brokenFar } from './far.ts'
import { brokenInstances } from './instances.ts'
import { brokenKeys } from './keys.ts'
import { brokenLate } from './late.ts'
import { brokenListings } from './listings.ts'
import { brokenOwnedBy } from './owned-by.ts'
import { brokenOwnerNames } from './owner-names.ts'
import { brokenRaces } from './races.ts'
import { brokenRacesEnds } from './races-ends.ts'
import { brokenRacesOwners } from './races-owners.ts'
import { brokenReads } from './reads.ts'
import { brokenRenames } from './renames.ts'
import { brokenUpdates } from './updates.ts'

/** The stores that the suite must refuse. */
export const brokenStores: readonly BrokenStore[] = [
  ...brokenReads,
  ...brokenCreates,
  ...brokenUpdates,
  ...brokenRenames,
  ...brokenEnds,
  ...brokenKeys,
  ...brokenListings,
  ...brokenOwnedBy,
  ...brokenOwnerNames,
  ...brokenDeleteOwnedBy,
  ...brokenRaces,
  ...brokenRacesEnds,
  ...brokenRacesOwners,
  ...brokenFar,
  ...brokenLate,
  ...brokenInstances,
]
