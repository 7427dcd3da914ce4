import { useState } from 'preact/hooks'
import { ApiError, ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Conversion, MetricAnswer } from '../../api/types'
import { Empty, Failure } from '../../components/States'
import { count, figure } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { conversions, mayEdit, question, reloadConversions } from '../../state/workspace'

/** What counts as success: events by name. A definition holds at once, the past included. */
export function ConversionsPage() {
  const [error, setError] = useState<ApiError | null>(null)
  const act = async (what: () => Promise<unknown>) => {
    setError(null)
    try {
      await what()
      await reloadConversions()
      return true
    } catch (e) {
      if (e instanceof ApiError) setError(e)
      return false
    }
  }
  return (
    <>
      <div class="page-head"><h1>Conversions</h1></div>
      {error && <Failure error={error} />}
      {conversions.value.length === 0
        ? <Empty title="Nothing counts as a conversion yet"><p>Name the events that mean success: a purchase, a sign-up, a task done. Figures follow at once, for the past too. Until then, only events that say so themselves count (Screeb’s <code>screeb_copilot_conversion</code>).</p></Empty>
        : (
          <div class="table-wrap">
            <table class="table">
              <thead><tr><th scope="col">Conversion</th><th scope="col">Events</th><th scope="col">Conditions</th><th scope="col" class="right">Conversations</th><th scope="col" class="right">Rate</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
              <tbody>{conversions.value.map((c) => <Row key={c.name} conversion={c} remove={() => act(() => ask(apiUrl(`conversions/${encodeURIComponent(c.name)}`), { method: 'DELETE' }))} />)}</tbody>
            </table>
          </div>
        )}
      {mayEdit.value && <Define save={(name, events) => act(() => ask(apiUrl(`conversions/${encodeURIComponent(name)}`), { method: 'PUT', body: { events } }))} />}
    </>
  )
}

function Row({ conversion, remove }: { conversion: Conversion; remove: () => void }) {
  const { data } = useGet<MetricAnswer>(apiUrl('metrics/conversion_rate', { ...question.value, conversion: conversion.name }))
  const rate = data?.total
  return (
    <tr>
      <td>{conversion.name}</td>
      <td>{conversion.events.join(', ') || 'any conversion event'}</td>
      <td>{conversion.where.length > 0 ? conversion.where.map((w) => <code key={w}>{w} </code>) : <span class="quiet">none</span>}</td>
      <td class="right"><a href={hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, fieldIs('converted', 'true')] })}>{rate ? count(Math.round((rate.value ?? 0) * rate.n)) : '…'}</a></td>
      <td class="right">{rate ? figure(rate.value, 'ratio') : '…'}</td>
      <td class="right">{mayEdit.value && <button type="button" class="button plain danger" onClick={remove}>Remove</button>}</td>
    </tr>
  )
}

/** Picks from the names of events that came in. */
function Define({ save }: { save: (name: string, events: string[]) => Promise<boolean> }) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const names = useGet<MetricAnswer>(apiUrl('metrics/events', { breakdown: 'source_event', limit: 200 }))
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await save(name.trim(), [...chosen])) {
      setName('')
      setChosen([])
    }
  }
  const toggle = (event: string) => setChosen(chosen.includes(event) ? chosen.filter((e) => e !== event) : [...chosen, event])
  return (
    <form class="define" onSubmit={submit}>
      <h2>Define a conversion</h2>
      <label class="field"><span>Name</span><input class="control" maxLength={100} placeholder="purchase" value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
      <fieldset class="field">
        <legend>Any of these events</legend>
        <div class="options">
          {names.data?.groups.map((g) => {
            const event = g.keys[0]
            return event ? <label key={event} class="row"><input type="checkbox" checked={chosen.includes(event)} onChange={() => toggle(event)} /> {event} <span class="quiet num">{count(g.value ?? 0)}</span></label> : null
          })}
        </div>
      </fieldset>
      <div><button class="button primary" disabled={!name.trim() || chosen.length === 0}>Save</button></div>
    </form>
  )
}
