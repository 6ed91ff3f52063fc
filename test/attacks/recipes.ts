import type { FastifyRequest } from 'fastify'
import type { ScsSession, SessionManager } from '../../index.ts'

/** A place where a user is logged in. */
export interface Device {
  /** Safe to show, and what the user gives back to end it. */
  readonly id: string
  readonly since: number
  readonly agent: string
  readonly expiresAt: number
}

/**
 * Logs a user in, once the password was checked. Of what a stranger may have put into the session the cart alone is
 * kept: a CSRF secret, say, could be one that an attacker knows. Of more than `max` devices the newest stay, however
 * many log in at once.
 */
export async function logIn(request: FastifyRequest, sessions: SessionManager, userId: string, max = 5): Promise<void> {
  const { session, headers } = request
  await session.regenerate(['cart'])
  session.put('userId', userId)
  session.put('since', Date.now())
  session.put('agent', headers['user-agent'] ?? '')
  // Saved before the others are counted, so that whoever counts last counts all.
  await session.commit()
  for (const { id } of (await devicesOf(sessions, userId)).slice(max)) await sessions.destroy(id, { owner: userId })
}

/** A user's devices, the newest first. For the page on which they see them; nothing in it is secret. */
export async function devicesOf(sessions: SessionManager, userId: string): Promise<Device[]> {
  const devices: Device[] = []
  for await (const { id, values, expiresAt } of sessions.ownedBy(userId))
    devices.push({ id, since: Number(values['since']), agent: String(values['agent']), expiresAt })
  return devices.sort((a, b) => b.since - a.since || (a.id < b.id ? -1 : 1))
}

/** Ends one of a user's devices, and returns whether it was theirs. */
export function endDevice(sessions: SessionManager, userId: string, id: string): Promise<boolean> {
  return sessions.destroy(id, { owner: userId })
}

/** The first half of a login with two factors: nobody is logged in, so no route that asks for `userId` lets them in. */
export function passFirstFactor({ session }: FastifyRequest, userId: string): void {
  session.renewToken()
  session.put('awaits', userId)
}

/** The second half, once its code was checked. */
export async function passSecondFactor(request: FastifyRequest, sessions: SessionManager): Promise<boolean> {
  const userId = request.session.get('awaits')
  if (typeof userId !== 'string') return false
  await logIn(request, sessions, userId)
  return true
}

/** Whether the user logged in within the last minutes: asked before an address, a password or a factor changes. */
export function isFresh(session: ScsSession, minutes: number, now = Date.now()): boolean {
  return now - Number(session.get('since', 0)) < minutes * 60_000
}

/** For a hook: ends a session that began before a moment, which ends all sessions of all users at once. */
export async function endIfBefore({ session }: FastifyRequest, moment: number): Promise<void> {
  if (session.exists('userId') && Number(session.get('since', 0)) < moment) await session.destroy()
}
