import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { changeView, view } from '../state/location'
import { presets } from '../state/range'
import { Help } from './Help'
import { useKeys } from './keys'
import { Palette } from './Palette'
import { Rail } from './Rail'
import { step } from './RangePicker'
import { Topbar } from './Topbar'

/** What stands around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const [menu, setMenu] = useState(false)
  const [dialog, setDialog] = useState<'palette' | 'help' | null>(null)
  const close = () => setDialog(null)

  useKeys([
    { key: 'mod+k', does: 'Command palette', run: () => setDialog('palette') },
    { key: '/', does: 'Search messages', run: () => document.getElementById('search')?.focus() },
    { key: '?', does: 'Show these keys', run: () => setDialog('help') },
    { key: 'x', does: 'Compare with the period before', run: () => changeView({ compare: !view.value.compare }) },
    { key: 'arrowleft', does: 'Earlier', run: () => step(-1) },
    { key: 'arrowright', does: 'Later', run: () => step(1) },
    ...presets.map(({ preset, label, key }) => ({ key, does: label, run: () => changeView({ range: { preset } }) })),
    { key: 'escape', does: '', run: () => setMenu(false) },
  ], 'shell')

  return (
    <div class="app">
      <a class="skip" href="#content">Skip to content</a>
      <Rail open={menu} onLeave={() => setMenu(false)} />
      <button type="button" class={`scrim ${menu ? 'open' : ''}`} aria-label="Close the menu" tabIndex={menu ? 0 : -1} onClick={() => setMenu(false)} />
      <div class="page">
        <Topbar openMenu={() => setMenu(true)} menuOpen={menu} openPalette={() => setDialog('palette')} />
        <main id="content" tabIndex={-1}>{children}</main>
      </div>
      {dialog === 'palette' && <Palette onClose={close} />}
      {dialog === 'help' && <Help onClose={close} />}
    </div>
  )
}
