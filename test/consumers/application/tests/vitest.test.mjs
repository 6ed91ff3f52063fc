import Type from 'typebox'
import { expect, test } from 'vitest'
import { visit } from '../visit.mjs'

test('a session', async () => {
  expect(await visit({ schema: Type.Object({ userId: Type.String() }) })).toBe('ada')
})
