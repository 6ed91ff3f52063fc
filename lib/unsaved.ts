import type { SessionState } from './state.ts'

const UNSAVED = 'the session was changed and never saved: after reply.hijack() call session.commit()'

/** After `reply.hijack()` there is no `onSend`: what such a reply never saved is told when it has ended. Once for each session. */
export function watchUnsaved(state: SessionState): void {
  if (state.watched || state.reply === undefined) return
  state.watched = true
  // `once` costs three times as much.
  state.reply.raw.on('finish', () => {
    if (!state.watched) return
    state.watched = false
    if (state.phase === 'open' && (state.edited || state.renewed)) state.log.warn({}, UNSAVED)
  })
}
