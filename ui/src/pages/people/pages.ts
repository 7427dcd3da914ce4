// The pages about people that are loaded when they are first opened, together.
export { AccountPage } from '../accounts/AccountPage'
export { AccountsPage } from '../accounts/AccountsPage'
export { AudiencePage } from '../audiences/AudiencePage'
export { AudiencesPage } from '../audiences/AudiencesPage'
export { FlagsPage } from '../identity/FlagsPage'
export { TraitPage } from '../traits/TraitPage'
export { TraitsPage } from '../traits/TraitsPage'
export { PersonPage } from './PersonPage'
