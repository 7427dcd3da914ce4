import { personHref } from './find'

/** A link to a person: the name with the id beside it, or the id alone. */
export function PersonLink({ id, name }: { id: string; name: string | undefined }) {
  return (
    <span class="person-link">
      <a class="clip" dir="auto" href={personHref(id)}>{name ?? id}</a>
      {name !== undefined && <code class="clip quiet">{id}</code>}
    </span>
  )
}
