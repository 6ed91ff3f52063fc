import { measureMemory, memoryText } from './memory.mjs'
import { lmdbText, measureLmdb, measureSql, sqlText } from './servers.mjs'

/** What is measured, by name. */
export const PARTS = {
  memory: { measure: measureMemory, text: memoryText },
  lmdb: { measure: measureLmdb, text: lmdbText },
  sql: { measure: measureSql, text: sqlText },
}

export function report(parts) {
  const known = Object.keys(PARTS).filter((name) => parts[name])
  const sections = known.map((name) => {
    const { node, cpu, date, command, result } = parts[name]
    return `${PARTS[name].text(result)}\n\nNode ${node}, ${cpu}, ${date.slice(0, 10)}. \`${command}\`\n`
  })
  return `# The stores at scale\n\n${sections.join('\n')}`
}
