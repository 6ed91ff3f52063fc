import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { cookieOf } from '../app.ts'
import type { FaultSite } from './site.ts'
import { eventually } from './wait.ts'

/** What a user saw while things went wrong. */
export interface UserStory {
  readonly user: string
  token: string
  /** Counts that were answered with 200. */
  counted: number
  /** Counts whose outcome the user was not told. */
  unknown: number
  /** Renewals whose outcome the user was not told: the old token may be dead then. */
  lost: number
}

/** What the traffic came to. */
export interface Traffic {
  readonly stories: readonly UserStory[]
  readonly statuses: Record<number, number>
  /** Resolves when so many more requests were answered so. */
  answered(status: number, times: number): Promise<void>
  /** Ends it, and waits for the last replies. */
  stop(): Promise<void>
}

/** Logs users in and lets each send one request after the other: reads and counts. */
export async function startTraffic(t: Test, site: FaultSite, users: number, pause = 5): Promise<Traffic> {
  const statuses: Record<number, number> = {}
  const stories: UserStory[] = []
  const replies = new EventEmitter()
  for (let i = 0; i < users; i++) {
    const user = `user ${i}`
    stories.push({ user, token: await site.login(user), counted: 0, unknown: 0, lost: 0 })
  }
  let going = true
  const live = async (story: UserStory) => {
    for (let n = 0; going; n++) {
      const status = await step(t, site, story, n % 3 === 0 ? '/read' : '/count')
      statuses[status] = (statuses[status] ?? 0) + 1
      replies.emit('reply')
      await sleep(pause)
    }
  }
  const lives = stories.map(live)
  return {
    stories,
    statuses,
    async answered(status, times) {
      const enough = (statuses[status] ?? 0) + times
      while ((statuses[status] ?? 0) < enough) await once(replies, 'reply')
    },
    async stop() {
      going = false
      await Promise.all(lives)
    },
  }
}

/** Sends a request and notes what it came to. Its status. */
async function step(t: Test, site: FaultSite, story: UserStory, url: '/read' | '/count'): Promise<number> {
  const reply = await site.send(url === '/read' ? 'GET' : 'POST', url, story.token)
  if (reply.statusCode === 200) {
    if (reply.json().user !== story.user) t.equal(reply.json().user, story.user, 'nobody is logged out or sees another')
    if (url === '/count') story.counted++
  } else {
    if (reply.statusCode !== 503) t.equal(reply.statusCode, 503, reply.body)
    if (cookieOf(reply) !== undefined) t.fail('an error touches the cookie')
    if (url === '/count') story.unknown++
  }
  return reply.statusCode
}

/**
 * Afterwards every user is logged in with the cookie they had, and counted right. `forgets`: the database may lose what it answered last, as Redis does
 * in a failover.
 */
export async function checkStories(t: Test, site: FaultSite, { stories, statuses }: Traffic, forgets = false): Promise<void> {
  for (const { user, token, counted, unknown } of stories) {
    const values = await eventually(async () => {
      const reply = await site.send('GET', '/read', token)
      return reply.statusCode === 200 ? reply.json() : undefined
    })
    t.equal(values.user, user, 'logged in')
    const count = Number(values.count ?? 0)
    t.ok((forgets || count >= counted) && count <= counted + unknown, `${count} is between ${counted} and ${counted + unknown}`)
  }
  const counts = stories.reduce((sum, { counted }) => sum + counted, 0)
  t.ok(counts > 0, 'something was counted')
  t.comment(`${stories.length} users, ${counts} counts, answered ${JSON.stringify(statuses)}`)
}
