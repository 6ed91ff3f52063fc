import { withClient } from './client.ts'
import type { Draft } from './data/draft.ts'
import { COOKIE_DUE, type Content } from './data/record.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * The content to save: a draft's changes made on what is stored. It notes that a cookie is due when this reply cannot send it, and drops the note when
 * it can.
 */
export function compose(work: UnitOfWork, draft: Draft, base: Content): Content {
  const content = withClient(work, draft.compose(base, work.exchange.hasFailed), draft.isRenewed)
  const isDue = !work.exchange.takesCookie && (COOKIE_DUE in base.values || draft.changesCookie)
  if (isDue === COOKIE_DUE in content.values) return content
  const { [COOKIE_DUE]: _, ...values } = content.values
  return { ...content, values: isDue ? { ...values, [COOKIE_DUE]: true } : values }
}
