const shapes = {
  overview: 'M2.5 13.5v-5M6.2 13.5v-9M9.9 13.5v-6M13.5 13.5v-11',
  conversations: 'M3 3h10a.8.8 0 0 1 .8.8v6.4a.8.8 0 0 1-.8.8H7.4L4.2 13.6V11H3a.8.8 0 0 1-.8-.8V3.8A.8.8 0 0 1 3 3z',
  people: 'M8 7.4a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM3.2 13.4c.5-2.6 2.4-4 4.8-4s4.3 1.4 4.8 4',
  ask: 'M2.5 3h11v10h-11zM4.8 6l2 2-2 2M8.4 10.2h3',
  sources: 'M8 2.4 13.6 5 8 7.6 2.4 5zM2.6 8.2 8 10.7l5.4-2.5M2.6 11.2 8 13.7l5.4-2.5',
  live: 'M1.8 8h2.7l1.8-4.6 3.1 9.2L11.3 8h2.9',
  topics: 'M2.5 4h3v3h-3zM7.5 5.5h6M2.5 9.5h3v3h-3zM7.5 11h6',
  funnels: 'M2.5 3h11L9.6 8.2v4.6l-3.2.9V8.2z',
  retention: 'M13.2 6.4A5.5 5.5 0 1 0 13.5 9M13.6 2.9v3.6H10',
  conversions: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM5.6 8.1l1.7 1.7 3.2-3.5',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14',
  menu: 'M2 4.5h12M2 8h12M2 11.5h12',
  left: 'M10 3 5 8l5 5',
  right: 'M6 3l5 5-5 5',
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M3.5 6 8 10.5 12.5 6',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
  table: 'M2.5 3h11v10h-11zM2.5 6.4h11M2.5 9.7h11M6.6 6.4V13',
  download: 'M8 2.5v7.6M4.8 7.2 8 10.3l3.2-3.1M2.8 13.3h10.4',
  copy: 'M5.5 5.5h7.7v7.7H5.5zM10.4 5.2V2.8H2.8v7.6h2.4',
  check: 'M3 8.5l3.2 3.2L13 4.6',
  warn: 'M8 2.4l6 10.8H2zM8 6.4v3.2M8 11.4v.2',
  tool: 'M9.6 2.6a3.4 3.4 0 0 0-2.4 4.8L2.6 12l1.4 1.4 4.6-4.6a3.4 3.4 0 0 0 4.5-4.3L11 6.6 9.4 5z',
  component: 'M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM8.9 8.9h4.6v4.6H8.9z',
  media: 'M2.5 3h11v10h-11zM2.8 11.4l3.1-3.1 2.4 2.4 2-2 2.9 2.9M10.4 6.3v.1',
  feedback: 'M8 2.3l1.8 3.6 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z',
  starred: 'M8 2.3l1.8 3.6 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6zM8 4.4v5M6 7.2h4M7 5.5l2.2 4M9 5.5L6.8 9.5',
  flag: 'M3.6 14V2.6h8.8l-2 3.1 2 3.1H3.6',
  pause: 'M5 3v10M11 3v10',
  model: 'M8 2.2l1.3 4.5L13.8 8l-4.5 1.3L8 13.8 6.7 9.3 2.2 8l4.5-1.3z',
  plans: 'M3.5 2.5h6.2l2.8 2.8v8.2h-9zM5.8 7h4.4M5.8 9.3h4.4M5.8 11.5h2.6',
  violations: 'M8 2.4l6 10.8H2zM8 6.4v3.2M8 11.4v.2',
  quarantine: 'M2.5 5.5h11v8h-11zM2.5 5.5 4.4 2.6h7.2l1.9 2.9M6.2 8.3h3.6',
  journey: 'M4 12.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM12 6.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM5.6 11h5.2a2 2 0 0 0 0-4H5.2',
  experiments: 'M6 2.5h4M6.8 2.5v4L3.2 12.4a.8.8 0 0 0 .7 1.1h8.2a.8.8 0 0 0 .7-1.1L9.2 6.5v-4M5 10h6',
  bookmark: 'M4 2.5h8v11L8 10.6 4 13.5z',
  privacy: 'M8 2.2l5 1.9v3.7c0 3-2 5-5 6.1-3-1.1-5-3.1-5-6.1V4.1zM6 8l1.5 1.5L10.2 6.6',
  signals: 'M2.4 10.2h2.2l1.5-4 2.2 6.4 2-9.2 1.4 6.8h1.9',
  destinations: 'M2.5 8h8.2M7.6 4.6 11 8l-3.4 3.4M13.5 3v10',
  functions: 'M6 3c-2 0-2 1.2-2 2.6S3.6 8 2.4 8C3.6 8 4 9 4 10.4S4 13 6 13M10 3c2 0 2 1.2 2 2.6S12.4 8 13.6 8C12.4 8 12 9 12 10.4S12 13 10 13',
  play: 'M4.5 3l8 5-8 5z',
} as const

export type IconName = keyof typeof shapes

/** A line icon that inherits the colour of its text. It is decoration: the text beside it says the same. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  )
}
