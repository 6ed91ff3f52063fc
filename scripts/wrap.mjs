/** The longest line of a page. */
const WIDTH = 120

/** Links and code stay in one piece, with what stands beside them. */
const WORD = /(?:`[^`]*`|\[(?:`[^`]*`|[^\]`])*\]\([^)\s]*\)|\S)+/g

/** Wraps a paragraph of Markdown. `first` begins its first line, the others are indented as far, or by `rest`. */
export function wrap(text, first = '', rest = ' '.repeat(first.length)) {
  const lines = [first]
  for (const [word] of text.matchAll(WORD)) {
    const line = lines.at(-1)
    const fresh = line === first || line === rest
    if (!fresh && line.length + 1 + word.length > WIDTH) lines.push(rest + word)
    else lines[lines.length - 1] = fresh ? line + word : `${line} ${word}`
  }
  return lines.join('\n')
}
