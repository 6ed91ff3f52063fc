/** Whether a key is that of a renewal record (types/store.ts): it is no session, and listings and counts leave it out. */
export function isRenewalRecord(key: string): boolean {
  return key.charCodeAt(0) === 0x3b
}
