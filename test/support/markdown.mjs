/** The longest line of a page. */
const WIDTH = 120

/** Links and code stay in one piece, with what stands beside them. */
const WORD = /(?:`[^`]*`|\[(?:`[^`]*`|[^\]`])*\]\([^)\s]*\)|\S)+/g

/** What no line may begin with: it would begin a list, a heading, a quotation or a table. */
const MARKUP = /^(?:[-+*]|#+|\d+[.)]|[>|=].*)$/

/** A line that is no prose: a table, a heading, a comment, an image. */
const OTHER = /^\s*(?:\||#|<!--|!\[)/
const ITEM = /^\s*(?:[-*]|\d+\.) (?=\S)/

/** Wraps a paragraph of Markdown. `first` begins its first line, the others are indented as far. */
export function wrap(text, first = '') {
  const rest = ' '.repeat(first.length)
  const lines = []
  let line = first
  for (const [word] of text.matchAll(WORD)) {
    const begins = line === first || line === rest
    if (!begins && line.length + 1 + word.length > WIDTH && !MARKUP.test(word)) {
      lines.push(line)
      line = rest + word
    } else line += begins ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

/** Wraps the prose of a page that a program wrote; it has no nested paragraphs. */
export function wrapPage(page) {
  const made = []
  let paragraph
  const end = () => {
    if (paragraph) made.push(wrap(paragraph.text, paragraph.first))
    paragraph = undefined
  }
  for (const line of page.split('\n')) {
    const [first] = ITEM.exec(line) ?? []
    if (line === '' || OTHER.test(line) || first) end()
    if (first) paragraph = { first, text: line.slice(first.length) }
    else if (line === '' || OTHER.test(line)) made.push(line)
    else paragraph = { first: paragraph?.first ?? '', text: `${paragraph?.text ?? ''} ${line.trim()}` }
  }
  end()
  return made.join('\n')
}

/** A Markdown table, aligned for a terminal where that makes no line too long. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  const isWide = widths.reduce((sum, width) => sum + width + 3, 1) > WIDTH
  return tableOf(head, rows, isWide ? widths.map(() => 0) : widths)
}

function tableOf(head, rows, widths) {
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(Math.max(width + 2, 3)) : `${'-'.repeat(Math.max(width + 1, 2))}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** The page with these tables between their marks, `<!-- name:begin -->` and `<!-- name:end -->`. Throws where a mark is missing. */
export function withTables(page, tables) {
  return Object.entries(tables).reduce((text, [name, made]) => {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`no ${begin} … ${end}`)
    return `${text.slice(0, from + begin.length)}\n${made}\n${text.slice(to)}`
  }, page)
}
