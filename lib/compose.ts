import { withClient } from './client.ts'
import type { Draft } from './data/draft.ts'
import { COOKIE_DUE, type Content } from './data/record.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * The content to save: a draft's changes made on what is stored. It notes that a cookie is due when this reply cannot send it, and drops the note when
 * this reply sends it: not when another request noted it since this one was planned.
 */
export function compose(work: UnitOfWork, draft: Draft, base: Content, sendsCookie: boolean): Content {
  const content = withClient(work, draft.compose(base, work.exchange.hasFailed), draft.isRenewed)
  const { exchange } = work
  const isDue = COOKIE_DUE in base.values ? !(sendsCookie && exchange.takesCookie) : draft.changesCookie && !exchange.takesCookie
  if (isDue === COOKIE_DUE in content.values) return content
  const { [COOKIE_DUE]: _, ...values } = content.values
  return { ...content, values: isDue ? { ...values, [COOKIE_DUE]: true } : values }
}
