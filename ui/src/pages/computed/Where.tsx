import { useEffect, useRef } from 'preact/hooks'
import { Condition, conversationFields, eventFields } from '../../components/Condition'
import { Icon } from '../../components/Icon'
import { fieldIs, parseFilter, writeFilter } from '../../state/filter'
import type { Deed } from '../../api/types'

/** Conditions that all hold for a row of an event or a conversation. What is added has the focus. */
export function Where(props: { label: string; of: Deed['of']; where: readonly string[]; known: ReadonlyMap<string, string[]>; change: (where: string[]) => void }) {
  const { label, of, where, known, change } = props
  const fields = of === 'events' ? eventFields : conversationFields
  const put = (i: number, ...texts: string[]) => {
    const next = [...where]
    next.splice(i, 1, ...texts)
    change(next)
  }
  const list = useRef<HTMLDivElement>(null)
  const added = useRef(false)
  useEffect(() => {
    if (added.current) list.current?.querySelector<HTMLElement>('.condition:nth-last-child(2) input')?.focus()
    added.current = false
  }, [where.length])
  const add = () => {
    added.current = true
    change([...where, writeFilter(fieldIs(fields[0] ?? '', ''))])
  }
  return (
    <div class="where" ref={list}>
      {where.map((text, i) => {
        const f = parseFilter(text) ?? fieldIs(fields[0] ?? '', '')
        return (
          <div class="condition" key={i}>
            <span class="quiet small">{i === 0 ? 'whose' : 'and'}</span>
            <Condition label={`${label}, condition ${i + 1}`} condition={f} fields={fields} known={known} change={(next) => put(i, writeFilter(next))} />
            <button type="button" class="button plain square" aria-label={`Remove condition ${i + 1} of ${label}`} onClick={() => put(i)}><Icon name="close" /></button>
          </div>
        )
      })}
      <div><button type="button" class="button plain" onClick={add}>{where.length === 0 ? 'whose …' : 'and …'}<span class="hidden"> for {label}</span></button></div>
    </div>
  )
}
