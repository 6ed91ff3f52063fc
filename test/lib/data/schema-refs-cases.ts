import { Type } from 'typebox'
import type { ObjectSchema } from '../../../types/schema.ts'

export const node = Type.Object({ id: Type.String() })
const NODE = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }

/** A schema, a key of it, a value that fits and one that does not. */
type Case = readonly [what: string, schema: ObjectSchema, key: string, good: unknown, bad: unknown]

export const tree = Type.Cyclic({ Node: Type.Object({ id: Type.String(), nodes: Type.Array(Type.Ref('Node')) }) }, 'Node')
const list = Type.Cyclic({ Node: Type.Object({ next: Type.Union([Type.Null(), Type.Ref('Node')]) }) }, 'Node')
const module = Type.Module({
  Leaf: Type.Object({ size: Type.Number() }),
  Branch: Type.Object({ leaves: Type.Array(Type.Ref('Leaf')), more: Type.Array(Type.Ref('Branch')) }),
})

export const CASES: readonly Case[] = [
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
