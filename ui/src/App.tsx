import { useEffect, useRef } from 'preact/hooks'
import { Failure, Waiting } from './components/States'
import { AskPage } from './pages/ask/AskPage'
import { ComponentsPage } from './pages/components/ComponentsPage'
import { ConversationPage } from './pages/conversation/ConversationPage'
import { ConversationsPage } from './pages/conversations/ConversationsPage'
import { ConversionsPage } from './pages/conversions/ConversionsPage'
import { DestinationPage } from './pages/destinations/DestinationPage'
import { DestinationsPage } from './pages/destinations/DestinationsPage'
import { NewDestinationPage } from './pages/destinations/NewDestinationPage'
import { ExperimentPage } from './pages/experiments/ExperimentPage'
import { ExperimentsPage } from './pages/experiments/ExperimentsPage'
import { FirstRunPage } from './pages/first-run/FirstRunPage'
import { FunctionPage } from './pages/functions/FunctionPage'
import { FunctionsPage } from './pages/functions/FunctionsPage'
import { NewFunctionPage } from './pages/functions/NewFunctionPage'
import { FunnelsPage } from './pages/funnels/FunnelsPage'
import { JourneyPage } from './pages/journey/JourneyPage'
import { LivePage } from './pages/live/LivePage'
import { NotFoundPage } from './pages/not-found/NotFoundPage'
import { OverviewPage } from './pages/overview/OverviewPage'
import { PeoplePage } from './pages/people/PeoplePage'
import { PlanPage } from './pages/plan/PlanPage'
import { PlansPage } from './pages/plans/PlansPage'
import { QuarantinePage } from './pages/quarantine/QuarantinePage'
import { RetentionPage } from './pages/retention/RetentionPage'
import { SignalsPage } from './pages/signals/SignalsPage'
import { SourcePage } from './pages/sources/SourcePage'
import { SourcesPage } from './pages/sources/SourcesPage'
import { PrivacyPage } from './pages/privacy/PrivacyPage'
import { TopicPage } from './pages/topics/TopicPage'
import { TopicsPage } from './pages/topics/TopicsPage'
import { ViolationsPage } from './pages/violations/ViolationsPage'
import { later } from './shell/later'
import { entryOf } from './shell/pages'
import { Shell } from './shell/Shell'
import { path } from './state/location'
import { failure, load, me, status } from './state/workspace'

const people = () => import('./pages/people/pages')
const AccountPage = later(async () => (await people()).AccountPage)
const AccountsPage = later(async () => (await people()).AccountsPage)
const AudiencePage = later(async () => (await people()).AudiencePage)
const AudiencesPage = later(async () => (await people()).AudiencesPage)
const FlagsPage = later(async () => (await people()).FlagsPage)
const RulesPage = later(async () => (await people()).RulesPage)
const TraitPage = later(async () => (await people()).TraitPage)
const TraitsPage = later(async () => (await people()).TraitsPage)
const PersonPage = later(async () => (await people()).PersonPage)

/** The page that the path names, inside the shell. */
export function App() {
  useTitle()
  if (failure.value) {
    return <main><Failure error={failure.value} retry={() => void load()} /></main>
  }
  if (!me.value) return <main><Waiting /></main>
  return <Shell><Page /></Shell>
}

function Page() {
  const [, section = '', second, third] = path.value.split('/')
  const id = (text: string) => decode(text)
  switch (section) {
    case '': return status.value?.store.events === 0 ? <FirstRunPage /> : <OverviewPage />
    case 'start': return <FirstRunPage />
    case 'conversations': return second ? <ConversationPage key={second} id={id(second)} /> : <ConversationsPage />
    case 'components': return <ComponentsPage />
    case 'experiments': return second ? <ExperimentPage key={second} name={id(second)} /> : <ExperimentsPage />
    case 'accounts': return second ? <AccountPage key={second} id={id(second)} /> : <AccountsPage />
    case 'audiences': return second ? <AudiencePage key={second} id={id(second)} /> : <AudiencesPage />
    case 'traits': return second ? <TraitPage key={second} id={id(second)} /> : <TraitsPage />
    case 'flagged': return <FlagsPage />
    case 'id-rules': return <RulesPage />
    case 'people': return second ? <PersonPage key={second} id={id(second)} /> : <PeoplePage />
    case 'topics': return second ? <TopicPage key={second} id={id(second)} /> : <TopicsPage />
    case 'funnels': return <FunnelsPage />
    case 'retention': return <RetentionPage />
    case 'ask': return <AskPage />
    case 'signals': return <SignalsPage />
    case 'data':
      if (second === 'sources') return third ? <SourcePage key={third} id={id(third)} /> : <SourcesPage />
      if (second === 'live') return <LivePage />
      if (second === 'plans') return third ? <PlanPage key={third} name={id(third)} /> : <PlansPage />
      if (second === 'privacy') return <PrivacyPage />
      if (second === 'violations') return <ViolationsPage />
      if (second === 'quarantine') return <QuarantinePage />
      if (second === 'destinations') return third === 'new' ? <NewDestinationPage /> : third ? <DestinationPage key={third} id={id(third)} /> : <DestinationsPage />
      if (second === 'functions') return third === 'new' ? <NewFunctionPage /> : third ? <FunctionPage key={third} id={id(third)} /> : <FunctionsPage />
      if (second === 'journey') return <JourneyPage />
      if (second === 'conversions') return <ConversionsPage />
  }
  return <NotFoundPage />
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Names the page for the browser, and tells a screen reader that it changed by moving the focus there. */
function useTitle() {
  const here = path.value
  const first = useRef(true)
  useEffect(() => {
    document.title = `${entryOf(here)?.title ?? 'Debrief'} · Debrief`
    if (!first.current) document.getElementById('content')?.focus({ preventScroll: true })
    first.current = false
  }, [here])
}
