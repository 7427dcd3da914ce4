import { Empty } from '../../components/States'
import { path, view } from '../../state/location'
import { hrefTo } from '../../state/view'

export function NotFoundPage() {
  return (
    <Empty title="There is no such page">
      <p>Nothing is at <code>{path.value}</code>. <a href={hrefTo('/', view.value)}>Go to the overview</a></p>
    </Empty>
  )
}
