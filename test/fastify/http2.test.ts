import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'
import { latch } from '../http/steps.ts'
import { settled } from '../support/app.ts'

t.test('a client of HTTP/2 that goes away while the handler runs is no reason to say that the session was never saved', async (t) => {
  const lines: { level: number; msg: string }[] = []
  const app = Fastify({ http2: true, logger: { level: 'warn', stream: { write: (line: string) => void lines.push(JSON.parse(line)) } } })
  const storeTimeout = 100
  await app.register(scsSession, { storeTimeout })
  const [reached, gone, saved] = [latch(), latch(), latch()]
  app.get('/', async (request) => {
    request.session.put('user', 'ann')
    reached.open()
    await gone.opened
    return 'body'
  })
  app.addHook('onSend', async () => saved.open())
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  const stream = client.request({ ':path': '/' })
  await reached.opened
  stream.close(constants.NGHTTP2_CANCEL)
  await once(stream, 'close')
  client.close()
  await sleep(2 * storeTimeout)
  gone.open()
  await saved.opened
  await settled(50)
  t.equal(await app.sessions.count(), 1)
  t.strictSame(
    lines.filter(({ msg }) => /never saved/.test(msg)),
    [],
  )
})
