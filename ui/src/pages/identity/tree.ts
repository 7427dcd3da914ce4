import type { IdentityGraph, IdentityLink, SeenIdentifier } from '../../api/types'
import { same } from './words'

/** An id in the tree of a person, and the link that brought it there; the root has none. */
export interface Branch {
  id: SeenIdentifier
  link?: IdentityLink
  branches: Branch[]
}

/** The ids of a person as a tree: the one that names the person first, below each those that were linked to it, in
 *  the order in which that happened. Ids that nothing links stand after it, each for itself. */
export function treeOf(graph: Pick<IdentityGraph, 'person' | 'identifiers' | 'links'>): Branch[] {
  const left = [...graph.identifiers]
  const take = (is: (id: SeenIdentifier) => boolean): SeenIdentifier | undefined => {
    const at = left.findIndex(is)
    return at < 0 ? undefined : left.splice(at, 1)[0]
  }
  const grow = (root: SeenIdentifier): Branch => {
    const branch: Branch = { id: root, branches: [] }
    const open = [branch]
    for (let next = open.shift(); next; next = open.shift()) {
      for (const link of graph.links) {
        const { id } = next
        const other = same(link.a, id) ? link.b : same(link.b, id) ? link.a : null
        const found = other && take((i) => same(i, other))
        if (found) next.branches.push({ id: found, link, branches: [] })
      }
      open.push(...next.branches)
    }
    return branch
  }
  const trees: Branch[] = []
  for (let root = take((i) => i.value === graph.person && i.type !== 'email') ?? left.shift(); root; root = left.shift()) trees.push(grow(root))
  return trees
}
