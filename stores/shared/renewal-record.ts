/** Whether a key holds a renewal's trace (types/store.ts): not a session, and left out of listings and counts. */
export function isRenewalRecord(key: string): boolean {
  return key.charCodeAt(0) === 0x3b
}
