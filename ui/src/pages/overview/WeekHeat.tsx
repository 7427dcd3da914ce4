import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { week } from '../../charts/heatMarks'
import { Heatmap, HeatKey } from '../../charts/Heatmap'
import { Failure, Waiting } from '../../components/States'
import { fieldIs, valueLabel } from '../../state/filter'
import { me, question, zone } from '../../state/workspace'
import { conversationsHref } from './links'

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** When people talk to the copilot. */
export function WeekHeat() {
  const { data, error, loading, reload } = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...question.value, breakdown: 'weekday,hour_of_day', limit: 168 }))
  const firstDay = days.indexOf(me.value?.workspace.week_start ?? 'monday') + 1
  const rows = week(data?.groups ?? [], firstDay || 1)
  const href = (cell: { weekday: number; hour: number }) => conversationsHref(fieldIs('weekday', String(cell.weekday)), fieldIs('hour_of_day', String(cell.hour)))
  const max = Math.max(0, ...rows.flat().map((c) => c.value))
  return (
    <Figure title="Weekday and hour" sub={zone.value} tools={max > 0 && <HeatKey max={max} />}
      table={data ? { head: ['Day', 'Hour', 'Conversations'], rows: rows.flat().filter((c) => c.value > 0).map((c) => ({ cells: [valueLabel('weekday', String(c.weekday)), c.hour, c.value], href: href(c) })) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : <div class={loading ? 'busy' : ''}><Heatmap rows={rows} href={href} /></div>}
    </Figure>
  )
}
