import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/charts.css'
import './styles/pages.css'
import './styles/data.css'
import './styles/flows.css'
import './styles/topics.css'
import './styles/ask.css'
import './styles/outgoing.css'
import './styles/signals.css'
import './styles/people.css'
import { render } from 'preact'
import { App } from './App'
import { listenForKeys } from './shell/keys'
import { listen } from './state/location'
import { applyPreferences } from './state/preferences'
import { load } from './state/workspace'

applyPreferences()
listen()
listenForKeys()
void load()

const root = document.getElementById('app')
if (root) render(<App />, root)
