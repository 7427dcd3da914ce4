// Package arch holds the rules of the architecture as tests: which package may import which, that
// everything exported is documented, that SQL stays in the engines. It has no code of its own and
// nobody imports it; docs/architecture.md is the prose to it.
package arch
