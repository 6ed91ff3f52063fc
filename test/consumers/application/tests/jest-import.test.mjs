import { visit } from '../visit.mjs'

test('a session', async () => {
  expect(await visit({})).toBe('ada')
})
