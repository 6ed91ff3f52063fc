import t from 'tap'
import { MemoryStore } from '../../index.ts'
import { fakeClock } from '../support/clock.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'

t.setTimeout(TIME_LIMIT)

const EVENTS = [
  'a commit put a cookie on the reply',
  'a deadline was set into the past',
  'a merged session ended',
  'a request was superseded',
  'a session passed its deadline before it was looked at',
  'a session was created',
  'a session was renewed',
  'a session was renewed twice at once',
  'a session was touched',
  'a session was updated',
  'an end followed a renewal',
  "an owner's sessions ended",
  'edits were made again',
  'something was done while a call was under way',
  'the deadline passed',
  'the idle time passed',
]

t.test('on the memory store, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const clock = fakeClock()
  const store = new MemoryStore({ clock })
  await checkModel(t, { store, clock, pass: clock.advance, grain: 1 }, 1500, EVENTS)
})
