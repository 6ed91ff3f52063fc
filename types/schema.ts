/**
 * The part of a Standard Schema (standardschema.dev, version 1) that the library needs: of Zod, Valibot, ArkType and others.
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly validate: (value: unknown) => StandardResult | PromiseLike<StandardResult>
  }
}

/** What a Standard Schema says of a value. */
export interface StandardResult {
  readonly value?: unknown
  /** There when the value does not fit. */
  readonly issues?: readonly { readonly path?: readonly unknown[] | undefined }[] | undefined
}

/** A Standard Schema for each key: `z.object({ … }).shape` of Zod, `v.object({ … }).entries` of Valibot. */
export type KeySchemas = Readonly<Record<string, StandardSchema>>

/** The part of a TypeBox `Type.Object` that the library needs; a plain JSON Schema of an object has it too. */
export interface ObjectSchema {
  /** Must be `'object'`. */
  readonly type?: string
  readonly properties: Readonly<Record<string, object>>
  readonly additionalProperties?: boolean | object
  /** Not enforced: an anonymous session has no `userId`. */
  readonly required?: readonly string[] | undefined
  readonly $id?: string
  readonly $schema?: string
  readonly $defs?: Readonly<Record<string, object>>
  readonly definitions?: Readonly<Record<string, object>>
  readonly title?: string
  readonly description?: string
}
