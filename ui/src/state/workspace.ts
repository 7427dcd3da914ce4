import { computed, signal } from '@preact/signals'
import { ApiError, ask, apiUrl } from '../api/client'
import type { Conversion, ConversionList, Me, Metric, MetricList, Source, SourceList, Status, Topic, TopicList } from '../api/types'
import { dayOf } from './day'
import { writeFilter } from './filter'
import { view } from './location'
import { boundsOf } from './range'
import { reloadViews } from './views'

/** What every page needs to know of the workspace; loaded once, before the first page is shown. */
export const me = signal<Me | null>(null)
export const sources = signal<readonly Source[]>([])
export const metrics = signal<readonly Metric[]>([])
export const conversions = signal<readonly Conversion[]>([])
export const topics = signal<readonly Topic[]>([])
export const status = signal<Status | null>(null)
export const failure = signal<ApiError | null>(null)

export const zone = computed(() => me.value?.workspace.zone ?? 'UTC')
export const mayEdit = computed(() => me.value?.role === 'owner' || me.value?.role === 'editor')
/** Names of ids that people should not see: of sources, topics and their groups. */
export const sourceNames = computed(() => new Map([
  ...sources.value.map((s) => [s.id, s.name] as const),
  ...topics.value.flatMap((t) => [[t.id, t.name] as const, ...(t.group ? [[t.group, t.group_name ?? t.group] as const] : [])]),
  ['other', 'Other'] as const,
]))

/** Today in the workspace's zone; moves on at midnight for pages that stay open. */
export const today = signal(dayOf(new Date(), 'UTC'))

export const bounds = computed(() => boundsOf(view.value.range, today.value))

/** The part of every question that the view decides. */
export const question = computed(() => ({
  ...bounds.value,
  filter: view.value.filters.map(writeFilter),
  q: view.value.search || undefined,
  funnel: view.value.funnel || undefined,
}))

/** Loads the workspace. What fails is shown on the page, with a way to try again. */
export async function load(): Promise<void> {
  failure.value = null
  try {
    const [who, sourceList, metricList, conversionList, state] = await Promise.all([
      ask<Me>(apiUrl('me')),
      ask<SourceList>(apiUrl('sources')),
      ask<MetricList>(apiUrl('metrics')),
      ask<ConversionList>(apiUrl('conversions')),
      ask<Status>(apiUrl('status')),
    ])
    sources.value = sourceList.sources
    metrics.value = metricList.metrics
    conversions.value = conversionList.conversions
    status.value = state
    me.value = who
    void reloadViews()
    void reloadTopics()
    tick()
    setInterval(tick, 30_000)
  } catch (error) {
    failure.value = error instanceof ApiError ? error : new ApiError(0, 'unreadable', String(error))
  }
}

function tick(): void {
  today.value = dayOf(new Date(), zone.value)
}

export async function reloadSources(): Promise<void> {
  sources.value = (await ask<SourceList>(apiUrl('sources'))).sources
}

/** Names of topics; pages that show them ask again. Without them ids are shown, and that is no failure of the page. */
export async function reloadTopics(): Promise<void> {
  try {
    topics.value = (await ask<TopicList>(apiUrl('topics'))).topics
  } catch {
    topics.value = []
  }
}

export async function reloadConversions(): Promise<void> {
  conversions.value = (await ask<ConversionList>(apiUrl('conversions'))).conversions
}

export async function reloadStatus(): Promise<void> {
  status.value = await ask<Status>(apiUrl('status'))
}

export function metricNamed(name: string): Metric | undefined {
  return metrics.value.find((m) => m.name === name)
}
