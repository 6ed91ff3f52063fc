import Type from 'typebox'
import { visit } from '../visit.mjs'

test('a session with a schema', async () => {
  expect(await visit({ schema: Type.Object({ userId: Type.String() }) })).toBe('ada')
})
