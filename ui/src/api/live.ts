import { useEffect, useRef, useState } from 'preact/hooks'
import { apiUrl } from './client'
import type { Event, Rejection } from './types'

/** Something that came in. */
export type Arrival = { type: 'event'; event: Event } | { type: 'rejection'; rejection: Rejection } | { type: 'missed'; count: number }

export type LiveState = 'connecting' | 'listening' | 'lost'

/** Listens to what comes in; the browser connects again by itself and resumes. */
export function useLive(options: { source?: string; conversation?: string; on: boolean }, arrived: (a: Arrival) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const handler = useRef(arrived)
  handler.current = arrived
  const url = apiUrl('live', { source: options.source, conversation_id: options.conversation })

  useEffect(() => {
    if (!options.on) return
    setState('connecting')
    const stream = new EventSource(url)
    const read = <T>(message: MessageEvent<string>): T => JSON.parse(message.data) as T
    stream.onopen = () => setState('listening')
    stream.onerror = () => setState('lost')
    stream.addEventListener('event', (m) => handler.current({ type: 'event', event: read<Event>(m) }))
    stream.addEventListener('rejection', (m) => handler.current({ type: 'rejection', rejection: read<Rejection>(m) }))
    stream.addEventListener('missed', (m) => handler.current({ type: 'missed', count: read<{ count: number }>(m).count }))
    return () => stream.close()
  }, [url, options.on])
  return state
}
