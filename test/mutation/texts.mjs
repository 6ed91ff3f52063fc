const REASON = 'the wording of an error or of a log line is no behaviour'
const LOGS = new Set(['warn', 'info', 'error'])

const isError = (callee) => callee.type === 'Identifier' && callee.name.endsWith('Error')
const methodOf = (callee) => (callee.type === 'MemberExpression' ? (callee.property.name ?? callee.property.id?.name) : undefined)

/** Whether a call's argument at this place is wording. What an error names first (an option, a key) is not. */
function takesWording({ type, callee, arguments: args }, index) {
  if (type === 'NewExpression') return isError(callee) && (index > 0 || callee.name === 'PayloadError')
  if (type !== 'CallExpression') return false
  if (callee.type === 'Identifier') return callee.name === 'createError' && index === 1
  const method = methodOf(callee)
  return (LOGS.has(method) && index === 1 && args.length === 2) || method === 'refuse'
}

/** Leaves out mutants of wording. */
export const textsOnly = {
  shouldIgnore(path) {
    if (path.isStringLiteral() || path.isTemplateLiteral()) {
      const { parent, key, listKey } = path
      if (listKey === 'arguments' && takesWording(parent, key)) return REASON
    }
    return undefined
  },
}
