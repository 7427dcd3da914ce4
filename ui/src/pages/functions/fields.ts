import type { CodeFunction, FunctionField, FunctionPatch, FunctionSetting } from '../../api/types'

/** A field of a function's settings as its form holds it. */
export interface FieldDraft {
  name: string
  label: string
  type: FunctionField['type']
  required: boolean
  sensitive: boolean
  set: boolean // has a value on the server
  value: string // as typed; of a sensitive one only what is typed anew
  touched: boolean
}

export const types: readonly (readonly [FunctionField['type'], string])[] = [['string', 'text'], ['boolean', 'yes or no'], ['array', 'list of texts'], ['text_map', 'texts by name']]

/** The form of the settings of a function. */
export const draftsOf = (f: Pick<CodeFunction, 'settings'>): FieldDraft[] => f.settings.map((s) => ({
  name: s.name, label: s.label ?? '', type: s.type, required: s.required ?? false, sensitive: s.sensitive ?? false, set: s.set, value: written(s), touched: false,
}))

export const newField: FieldDraft = { name: '', label: '', type: 'string', required: false, sensitive: false, set: false, value: '', touched: false }

/** A value as people write it. */
function written(s: FunctionSetting): string {
  if (!s.set || s.sensitive) return ''
  const v: unknown = s.value
  if (Array.isArray(v)) return v.join('\n')
  if (typeof v === 'object' && v !== null) return Object.entries(v).map(([key, text]) => `${key}: ${String(text)}`).join('\n')
  return String(v ?? '')
}

/** What was written as the API takes it; null removes the value. */
export function valueOf(f: FieldDraft): unknown {
  const lines = f.value.split('\n').map((l) => l.trim()).filter(Boolean)
  switch (f.type) {
    case 'boolean': return f.value === 'true'
    case 'array': return lines.length > 0 ? lines : null
    case 'text_map': return lines.length > 0 ? Object.fromEntries(lines.map((l) => [l.split(':')[0]?.trim() ?? '', l.slice(l.indexOf(':') + 1).trim()])) : null
    case 'string': return f.value === '' ? null : f.value
  }
}

/** The part of a patch that settings are: the form only if it changed, for that makes a version; values that were touched. */
export function fieldsPatch(drafts: readonly FieldDraft[], before: readonly FunctionSetting[]): Pick<FunctionPatch, 'settings' | 'values'> {
  const form = (f: FieldDraft): FunctionField => ({ name: f.name.trim(), ...(f.label.trim() ? { label: f.label.trim() } : {}), type: f.type, ...(f.required ? { required: true } : {}), ...(f.sensitive ? { sensitive: true } : {}) })
  const old = before.map((s): FunctionField => ({ name: s.name, ...(s.label ? { label: s.label } : {}), type: s.type, ...(s.required ? { required: true } : {}), ...(s.sensitive ? { sensitive: true } : {}) }))
  const described = new Map(before.map((s) => [s.name, s.description]))
  const settings = drafts.map(form)
  const values = Object.fromEntries(drafts.filter((f) => f.touched).map((f) => [f.name.trim(), valueOf(f)]))
  return {
    ...(JSON.stringify(settings) === JSON.stringify(old) ? {} : { settings: settings.map((s) => ({ ...s, ...(described.get(s.name) ? { description: described.get(s.name) } : {}) })) }),
    ...(Object.keys(values).length > 0 ? { values } : {}),
  }
}
