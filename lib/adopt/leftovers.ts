/** What another library left behind with a request: the cookies to clear, and how to end the record in its store. */
export interface Leftovers {
  /** For each cookie its start and the attributes that name it, and the Set-Cookie that clears it, over http and over https. */
  readonly cookies: readonly OldCookie[]
  readonly end: (() => unknown) | undefined
}

/** A cookie of another library. */
export interface OldCookie {
  /** As a Set-Cookie begins that clears it: name, path and domain, which make it one cookie. */
  readonly start: string
  clear(secure: boolean): string
}

const left = new WeakMap<object, Leftovers[]>()

/** Notes what is to be cleared once the values that a request brought are saved. Kept by the request, so that a function around ours loses nothing. */
export function leave(request: object, leftovers: Leftovers): void {
  left.set(request, [...(left.get(request) ?? []), leftovers])
}

/** Takes what was noted for a request. */
export function takeLeftovers(request: object): readonly Leftovers[] {
  const leftovers = left.get(request) ?? []
  left.delete(request)
  return leftovers
}
