import { FailedError } from './errors.ts'

/** Loads what needs a driver. Throws a FailedError that says how to install it. */
export async function withDriver<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const { code } = cause as { code?: unknown }
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause
    throw new FailedError(`the driver ${name} is not installed here: npm install ${name}`, { cause })
  }
}
