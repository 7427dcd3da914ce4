import type { Group } from '../api/types'
import { shade } from './scale'

export interface Cell {
  weekday: number // 1 Monday … 7 Sunday
  hour: number
  value: number
  shade: number // 0 … shades
}

export const shades = 5

/** The week as rows of 24 cells, from groups by weekday and hour. The first row is the week's first day. */
export function week(groups: readonly Group[], firstDay: number): Cell[][] {
  const values = new Map(groups.map((g) => [g.keys.map(Number).join('/'), g.value ?? 0]))
  const max = Math.max(0, ...values.values())
  return Array.from({ length: 7 }, (_, row) => {
    const weekday = ((firstDay - 1 + row) % 7) + 1
    return Array.from({ length: 24 }, (_, hour) => {
      const value = values.get(`${weekday}/${hour}`) ?? 0
      return { weekday, hour, value, shade: shade(value, max, shades) }
    })
  })
}
