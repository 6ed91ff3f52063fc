import t from 'tap'
import { toBytes, toText } from '../../../stores/shared/latin1.ts'
import { fc } from '../../support/fc.ts'

t.test('text holds any bytes, one character each', async (t) => {
  const property = fc.property(fc.uint8Array(), (data) => {
    const text = toText(data)
    return text.length === data.length && Buffer.compare(toBytes(text), data) === 0 && text === toText(Buffer.from(data))
  })
  t.doesNotThrow(() => fc.assert(property))
})
