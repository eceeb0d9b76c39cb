import { z } from 'zod'
import { Misfit } from './misfit.js'
import { type Form, type RowPlace, rowForm } from './row.js'

type Kinds = z.ZodDiscriminatedUnion<readonly z.ZodObject[]>

const rowSchemas = new WeakSet<z.ZodType>()

const isOptional = (field: z.core.$ZodType): boolean => field instanceof z.ZodExactOptional

/**
 * Says that what fits this schema travels as a list of its values, in the order of the schema, not as a map with their
 * names: for what goes in thousands a second (ADR 46). So the order is part of the wire, and docs/names.md states it:
 * what is optional comes last, and each row of a union begins with the field that tells its kinds apart. Throws where
 * the order is another.
 */
export function asRow<Schema extends z.ZodObject | Kinds>(schema: Schema): Schema {
  for (const { shape } of schema instanceof z.ZodObject ? [schema] : schema.options) {
    const fields = Object.values(shape).map(isOptional)
    if (fields.lastIndexOf(false) > fields.indexOf(true) && fields.includes(true))
      throw new Error(`what is optional does not come last: ${Object.keys(shape)}`)
    if (!(schema instanceof z.ZodObject) && Object.keys(shape)[0] !== schema.def.discriminator)
      throw new Error(`${schema.def.discriminator} does not come first: ${Object.keys(shape)}`)
  }
  rowSchemas.add(schema)
  return schema
}

/** How values of a schema travel; `undefined` where no row is in them, so that they travel as they are. */
export function formOf(schema: z.core.$ZodType): Form | undefined {
  if (schema instanceof z.ZodExactOptional) return formOf(schema.unwrap())
  if (schema instanceof z.ZodArray) return listForm(formOf(schema.element))
  if (schema instanceof z.ZodObject) return rowSchemas.has(schema) ? rowOf(schema) : mapForm(schema)
  return schema instanceof z.ZodDiscriminatedUnion && rowSchemas.has(schema)
    ? kindsForm(schema as Kinds)
    : undefined
}

const placesOf = ({ shape }: z.ZodObject): RowPlace[] =>
  Object.entries(shape).map(([name, field]) => ({ name, form: formOf(field) }))

function rowOf(schema: z.ZodObject): Form {
  const places = placesOf(schema)
  const optional = Object.values(schema.shape).filter(isOptional).length
  return rowForm(places.slice(0, places.length - optional), places.slice(places.length - optional))
}

function kindsForm({ options, def: { discriminator } }: Kinds): Form {
  const forms = new Map(
    options.map((option) => [(option.shape[discriminator] as z.ZodLiteral).value, rowOf(option)]),
  )
  return {
    write: (value) => forms.get((value as Record<string, string>)[discriminator] as string)?.write(value),
    read(row) {
      if (!Array.isArray(row)) throw new Misfit('is not a row')
      const form = forms.get(row[0])
      if (form === undefined) throw new Misfit('is not known', discriminator)
      return form.read(row)
    },
  }
}

function listForm(element: Form | undefined): Form | undefined {
  if (element === undefined) return undefined
  return {
    write: (list) => (list as readonly unknown[]).map(element.write),
    read(list) {
      if (!Array.isArray(list)) return list
      const read: unknown[] = []
      try {
        for (const item of list) read.push(element.read(item))
      } catch (cause) {
        throw Misfit.within(read.length, cause)
      }
      return read
    },
  }
}

/** A map that stays one, with rows somewhere inside. */
function mapForm(schema: z.ZodObject): Form | undefined {
  const places = placesOf(schema).filter(({ form }) => form !== undefined)
  if (places.length === 0) return undefined
  const change = (direction: keyof Form) => (value: unknown) => {
    const map = { ...(value as Record<string, unknown>) }
    for (const { name, form } of places) {
      if (map[name] === undefined) continue
      try {
        map[name] = form?.[direction](map[name])
      } catch (cause) {
        throw Misfit.within(name, cause)
      }
    }
    return map
  }
  const [write, read] = [change('write'), change('read')]
  const isMap = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return { write, read: (value) => (isMap(value) ? read(value) : value) }
}
