import type { FastifyRequest } from 'fastify'

/**
 * Logs a user in, once the password was checked. Of what a stranger may have put into the session the cart alone is
 * kept: a CSRF secret, say, could be one that an attacker knows.
 */
export async function logIn({ session }: FastifyRequest, userId: string): Promise<void> {
  await session.regenerate(['cart'])
  session.put('userId', userId)
}

/** The first half of a login with two factors: nobody is logged in, so no route that asks for `userId` lets them in. */
export function passFirstFactor({ session }: FastifyRequest, userId: string): void {
  session.renewToken({ reauthenticated: false })
  session.put('awaits', userId)
}

/** The second half, once its code was checked. */
export async function passSecondFactor(request: FastifyRequest): Promise<boolean> {
  const userId = request.session.get('awaits')
  if (typeof userId !== 'string') return false
  await logIn(request, userId)
  return true
}

/** For a hook: ends a session whose login was before a moment, which ends all sessions of all users at once. */
export async function endIfBefore({ session }: FastifyRequest, moment: number): Promise<void> {
  if (session.exists('userId') && (session.authenticatedAt ?? 0) < moment) await session.destroy()
}
