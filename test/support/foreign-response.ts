type Init = ConstructorParameters<typeof Headers>[0]

/** Only what Fastify asks of them. */
class ForeignHeaders {
  readonly #headers: Headers

  constructor(init: Init) {
    this.#headers = new Headers(init)
  }

  forEach(callback: (value: string, name: string) => void): void {
    for (const [name, value] of this) callback(value, name)
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#headers[Symbol.iterator]()
  }
}

/** What the Response of another package is: of a class that is not this realm's, with headers and a body of its own kind. */
export class ForeignResponse {
  readonly status: number
  readonly statusText: string
  readonly #headers: unknown
  readonly #body: unknown
  #isUsed = false

  constructor(body: unknown, init: { status?: unknown; statusText?: string; headers?: Init; raw?: unknown } = {}) {
    this.#body = body
    this.#headers = 'raw' in init ? init.raw : new ForeignHeaders(init.headers)
    this.status = ('status' in init ? init.status : 200) as number
    this.statusText = init.statusText ?? ''
  }

  get [Symbol.toStringTag](): string {
    return 'Response'
  }

  get headers(): ForeignHeaders {
    return this.#headers as ForeignHeaders
  }

  get body(): unknown {
    return this.#body
  }

  get bodyUsed(): boolean {
    return this.#isUsed
  }

  async text(): Promise<string> {
    this.#isUsed = true
    return String(this.#body)
  }
}
