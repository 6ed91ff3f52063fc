/** What to clear of another library's session: its cookies, and how to end the record in its store. */
export interface Clearing {
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

const noted = new WeakMap<object, readonly Clearing[]>()

/** Notes what is to be cleared once the values that a request brought are saved. Kept by the request, so that a function around ours loses nothing. */
export function noteClearing(request: object, clearing: Clearing): void {
  noted.set(request, [...(noted.get(request) ?? []), clearing])
}

/** Takes what was noted for a request. */
export function takeClearings(request: object): readonly Clearing[] {
  const clearings = noted.get(request) ?? []
  noted.delete(request)
  return clearings
}
