import { type CodeKind, explain, explainAny } from '../format/codes'

/** A code of validation with what it means and what to change. */
export function Code({ code, kind }: { code: string; kind?: CodeKind }) {
  const { meaning, fix } = kind ? explain(code, kind) : explainAny(code)
  return <p class="small"><code>{code}</code> <span class="quiet">{meaning} {fix && <span class="fix"><b>Fix:</b> {fix}</span>}</span></p>
}
