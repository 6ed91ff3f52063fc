import t from 'tap'
import { Type } from 'typebox'
import { schemaRules } from '../../../lib/data/schema.ts'
import { standAlone } from '../../../lib/data/schema-refs.ts'
import { CASES, node, tree } from './schema-refs-cases.ts'

for (const [what, schema, key, good, bad] of CASES) {
  t.test(`a reference is resolved within the whole schema: ${what}`, async (t) => {
    const rules = schemaRules(schema)
    t.doesNotThrow(() => rules.check(key, good))
    t.throws(() => rules.check(key, bad), { code: 'FST_ERR_SCS_SCHEMA' })
    if (key !== 'any') t.match(rules.misfit({ [key]: bad }), new RegExp(`^${key}`))
    t.equal(rules.misfit({ [key]: good }), undefined, 'and stored sessions with it are kept')
  })
}

t.test('a definition may be true or false', async (t) => {
  const rules = schemaRules(
    JSON.parse('{"type":"object","properties":{"a":{"$ref":"#/$defs/yes"},"b":{"$ref":"#/$defs/no"}},"$defs":{"yes":true,"no":false}}'),
  )
  t.equal(rules.misfit({ a: 1 }), undefined)
  t.equal(rules.misfit({ b: 1 }), 'b')
})

t.test('a refusal in a definition says where in the value it is', async (t) => {
  const rules = schemaRules(Type.Object({ tree }))
  t.throws(() => rules.check('tree', { id: 'a', nodes: [{ id: 7, nodes: [] }] }), {
    message: 'The session schema refuses the value at tree.nodes.0.id: it must be string.',
  })
})

t.test('a reference that nothing resolves is refused at register, by the key that has it', async (t) => {
  const beside = { $defs: { Node: node, text: 'x' as unknown as object, list: [node] } }
  for (const ref of [
    'Nowhere',
    'Node',
    '#/$defs/Other',
    '#/$defs/text',
    '#/$defs/list',
    '#/$defs/Node/nothing/id',
    '#other',
    'https://a.example/#',
  ]) {
    const message = `Option schema.properties.n refers to ${JSON.stringify(ref)}, which nothing in the schema defines`
    t.throws(() => schemaRules(Type.Object({ n: Type.Ref(ref) }, beside)), { code: 'FST_ERR_SCS_OPTION', message }, ref)
    t.throws(
      () => schemaRules(Type.Object({ n: Type.Array(Type.Ref(ref)) }, beside)),
      { code: 'FST_ERR_SCS_OPTION', message },
      `${ref}, deeper`,
    )
    const further = { ...beside, type: 'object', properties: {}, additionalProperties: { $ref: ref } }
    t.throws(() => schemaRules(further), { code: 'FST_ERR_SCS_OPTION', message: /^Option schema\.additionalProperties refers to / }, ref)
  }
  const deeper = Type.Object({ n: Type.Ref('#/$defs/A') }, { $defs: { A: Type.Object({ b: Type.Ref('B') }) } })
  t.throws(() => schemaRules(deeper), { message: /^Option schema\.properties\.n refers to "B"/ })
})

t.test('what TypeBox cannot follow is refused at register', async (t) => {
  for (const keyword of ['$dynamicRef', '$recursiveRef']) {
    const schema = { type: 'object', properties: { n: { type: 'array', items: { [keyword]: '#' } } } }
    const message = `Option schema.properties.n uses ${keyword}, which a session schema cannot.`
    t.throws(() => schemaRules(schema), { code: 'FST_ERR_SCS_OPTION', message })
  }
  const endless: Record<string, unknown> = { type: 'object' }
  endless['properties'] = { endless }
  const cannot = { code: 'FST_ERR_SCS_OPTION', message: /^Option schema\.properties\.\w+ cannot be compiled by TypeBox/ }
  t.throws(() => schemaRules({ type: 'object', properties: { endless } }), cannot)
  t.throws(() => schemaRules({ type: 'object', properties: { n: { $ref: '#/%' } } }), cannot)
})

t.test('a key without references is compiled as it is, and no schema is changed', async (t) => {
  const whole = Object.freeze(Type.Object({ plain: node, node: Type.Ref('#/$defs/Node') }, { $defs: { Node: Object.freeze(node) } }))
  t.equal(standAlone(whole, ['properties', 'plain']), node)
  const before = JSON.stringify(whole)
  const copy = standAlone(whole, ['properties', 'node'])
  t.not(copy, whole.properties.node)
  t.equal(JSON.stringify(whole), before)
})

t.test('a copy keeps the marks of TypeBox: a refinement holds in it, and an instance of a class is the same', async (t) => {
  const even = Type.Refine(Type.String(), (value) => value.length % 2 === 0)
  const pattern = /^a/
  const schema = Type.Object({ n: Type.Ref('#/$defs/P') }, { $defs: { P: Type.Object({ even, odd: Type.Unsafe<string>({ pattern }) }) } })
  const rules = schemaRules(schema)
  t.equal(rules.misfit({ n: { even: 'ab', odd: 'a' } }), undefined)
  t.match(rules.misfit({ n: { even: 'a', odd: 'a' } }), /^n/)
  t.match(rules.misfit({ n: { even: 'ab', odd: 'b' } }), /^n/)
})
