import t from 'tap'
import { Type } from 'typebox'
import { schemaRules } from '../../../lib/data/schema.ts'
import { standAlone } from '../../../lib/data/schema-refs.ts'
import type { ObjectSchema } from '../../../types/options.ts'

const node = Type.Object({ id: Type.String() })
const NODE = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }

/** A schema, a key of it, a value that fits and one that does not. */
type Case = readonly [what: string, schema: ObjectSchema, key: string, good: unknown, bad: unknown]

const tree = Type.Cyclic({ Node: Type.Object({ id: Type.String(), nodes: Type.Array(Type.Ref('Node')) }) }, 'Node')
const list = Type.Cyclic({ Node: Type.Object({ next: Type.Union([Type.Null(), Type.Ref('Node')]) }) }, 'Node')
const module = Type.Module({
  Leaf: Type.Object({ size: Type.Number() }),
  Branch: Type.Object({ leaves: Type.Array(Type.Ref('Leaf')), more: Type.Array(Type.Ref('Branch')) }),
})

const CASES: readonly Case[] = [
  ['a pointer to $defs', Type.Object({ node: Type.Ref('#/$defs/Node') }, { $defs: { Node: node } }), 'node', { id: 'x' }, { id: 7 }],
  ['an $id under $defs', Type.Object({ node: Type.Ref('N') }, { $defs: { Node: { ...NODE, $id: 'N' } } }), 'node', { id: 'x' }, { id: 7 }],
  [
    'an $anchor',
    { type: 'object', properties: { node: { $ref: '#n' } }, $defs: { a: { ...NODE, $anchor: 'n' } } },
    'node',
    { id: 'x' },
    { id: 7 },
  ],
  [
    'a $dynamicAnchor',
    { type: 'object', properties: { node: { $ref: '#n' } }, $defs: { a: { ...NODE, $dynamicAnchor: 'n' } } },
    'node',
    { id: 'x' },
    {},
  ],
  [
    'an $id that is a fragment',
    Type.Object({ node: Type.Ref('#n') }, { definitions: { a: { ...NODE, $id: '#n' } } }),
    'node',
    { id: '' },
    1,
  ],
  ['definitions, of older JSON Schema', Type.Object({ n: Type.Ref('#/definitions/N') }, { definitions: { N: node } }), 'n', { id: '' }, {}],
  ['a pointer with escapes', Type.Object({ n: Type.Ref('#/$defs/a~1b~0c%20d') }, { $defs: { 'a/b~c d': node } }), 'n', { id: '' }, {}],
  ['a pointer to another key', Type.Object({ a: Type.Number(), b: Type.Ref('#/properties/a') }), 'b', 1, 'x'],
  [
    'a pointer into a list',
    Type.Object({ n: Type.Ref('#/$defs/u/anyOf/1') }, { $defs: { u: { anyOf: [{}, NODE] } } }),
    'n',
    { id: '' },
    {},
  ],
  ['a reference deep in a key', Type.Object({ n: Type.Array(Type.Ref('#/$defs/N')) }, { $defs: { N: node } }), 'n', [{ id: '' }], [{}]],
  [
    'a definition that refers to another',
    Type.Object({ n: Type.Ref('#/$defs/A') }, { $defs: { A: Type.Array(Type.Ref('#/$defs/B')), B: node } }),
    'n',
    [{ id: '' }],
    [{}],
  ],
  [
    'a definition that refers to itself',
    Type.Object(
      { n: Type.Ref('#/$defs/T') },
      { $defs: { T: Type.Object({ t: Type.Array(Type.Ref('#/$defs/T')), u: Type.Array(Type.Ref('#/$defs/T')) }) } },
    ),
    'n',
    { t: [{ t: [], u: [] }], u: [] },
    { t: [{ t: [1], u: [] }], u: [] },
  ],
  ['Type.Cyclic', Type.Object({ tree }), 'tree', { id: 'a', nodes: [{ id: 'b', nodes: [] }] }, { id: 'a', nodes: [{ id: 1, nodes: [] }] }],
  [
    'one Type.Cyclic beside another with the same names',
    Type.Object({ tree, list }),
    'list',
    { next: { next: null } },
    { next: { next: 1 } },
  ],
  ['the other of them', Type.Object({ tree, list }), 'tree', { id: 'a', nodes: [] }, { next: null }],
  [
    'a Type.Cyclic within a list within a key',
    Type.Object({ all: Type.Array(Type.Union([tree, list])) }),
    'all',
    [{ id: 'a', nodes: [] }, { next: { next: null } }],
    [{ id: 'a', nodes: [{ next: null }] }],
  ],
  [
    'Type.Module',
    Type.Object({ branch: module.Branch }),
    'branch',
    { leaves: [{ size: 1 }], more: [{ leaves: [], more: [] }] },
    { leaves: [{ size: 1 }], more: [{ leaves: [{ size: 'x' }], more: [] }] },
  ],
  [
    'the whole schema, with all its rules',
    Type.Object({ id: Type.String(), parent: Type.Optional(Type.Ref('#')) }),
    'parent',
    { id: 'a', parent: { id: 'b' } },
    { id: 'a', parent: {} },
  ],
  [
    'the whole schema, by its $id',
    Type.Object({ id: Type.String(), parent: Type.Optional(Type.Ref('S')) }, { $id: 'S' }),
    'parent',
    { id: 'a' },
    {},
  ],
  [
    'the definitions of the schema with an $id around it',
    {
      type: 'object',
      properties: { n: { type: 'array', $id: 'https://a.example/list', items: { $ref: '#/$defs/x' }, $defs: { x: { type: 'number' } } } },
      $defs: { x: { type: 'string' } },
    },
    'n',
    [1],
    ['a'],
  ],
  [
    'a part of a schema with an $id',
    Type.Object({ n: Type.Ref('https://a.example/b#/properties/id') }, { $defs: { b: { ...NODE, $id: 'https://a.example/b' } } }),
    'n',
    'x',
    7,
  ],
  [
    'definitions that a key has for itself',
    { type: 'object', properties: { n: { $ref: '#/$defs/x', $defs: { x: { type: 'string' } } } } },
    'n',
    'x',
    7,
  ],
  [
    'names that are keywords, and data that looks like a reference',
    {
      type: 'object',
      properties: {
        n: {
          type: 'object',
          required: ['default', '$ref', '$id'],
          properties: { default: { $ref: '#/$defs/x' }, $ref: { type: 'number' }, $id: { const: { $ref: '#/nowhere' } } },
        },
      },
      $defs: { x: { type: 'string' } },
    },
    'n',
    { default: 'x', $ref: 1, $id: { $ref: '#/nowhere' } },
    { default: 1, $ref: 1, $id: { $ref: '#/nowhere' } },
  ],
  [
    'what rules stand beside a reference',
    { type: 'object', properties: { n: { $ref: '#/$defs/x', minLength: 2 } }, $defs: { x: {} } },
    'n',
    'ab',
    'a',
  ],
  [
    'a schema for further keys',
    { type: 'object', properties: {}, additionalProperties: { $ref: '#/$defs/x' }, $defs: { x: NODE } },
    'any',
    { id: '' },
    {},
  ],
]

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
