/** A sentence of the catalogue: Markdown of which only code and strong words are used. */
export function Prose({ text }: { text: string }) {
  return <>{text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, i) => (
    part.startsWith('`') ? <code key={i}>{part.slice(1, -1)}</code> : part.startsWith('**') ? <b key={i}>{part.slice(2, -2)}</b> : part
  ))}</>
}
