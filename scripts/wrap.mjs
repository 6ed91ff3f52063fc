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
