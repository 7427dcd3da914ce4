// Package storetest holds event stores to their contract: the laws of package eventstore and of the
// algebra in package query, one by one, and a comparison with a reference on random histories. Every
// engine runs all of it in its own tests; none skips.
//
// The laws of answers are scripts in testdata, which also say what a script is; the laws of writing,
// reading and reopening are Go. RunScript is for other packages' tests too.
package storetest

import (
	"embed"
	"path"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

//go:embed testdata/*.txtar
var scripts embed.FS

// Open returns an empty store. The suite closes it; the function may close it too.
type Open func(t testing.TB) eventstore.Store

// OpenDir returns the store of a directory, empty if the directory is.
type OpenDir func(t testing.TB, dir string) eventstore.Store

// Run checks every law that needs no reopening.
func Run(t *testing.T, open Open) {
	for name, law := range map[string]func(t *testing.T, s eventstore.Store){
		"Analyses":            lawAnalyses,
		"AnalysesAfterRows":   lawAnalysesAfterRows,
		"Atomic":              lawAtomic,
		"Canceled":            lawCanceled,
		"Close":               lawClose,
		"Concurrent":          lawConcurrent,
		"Conflicts":           lawConflicts,
		"Cursor":              lawCursor,
		"CursorOfNothing":     lawForeignCursor,
		"Duplicates":          lawDuplicates,
		"DuplicatesInBatch":   lawDuplicatesInBatch,
		"DedupeWindow":        lawDedupeWindow,
		"Identities":          lawIdentities,
		"IdentitiesAfterRows": lawIdentitiesAfterRows,
		"Import":              lawImport,
		"InvalidQuestions":    lawInvalidQuestions,
		"KeepsNothing":        lawKeepsNothing,
		"Labels":              lawLabels,
		"ListGrain":           lawListGrain,
		"ManyRows":            lawManyRows,
		"NotFound":            lawNotFound,
		"Raw":                 lawRaw,
		"RawIsKept":           lawRawIsKept,
		"Retract":             lawRetract,
		"RetractFirst":        lawRetractFirst,
		"RetractInBatch":      lawRetractInBatch,
		"Revisions":           lawRevisions,
		"RevisionMovesRow":    lawRevisionMovesRow,
		"RoundTrip":           lawRoundTrip,
		"RoundTripEmpty":      lawRoundTripEmpty,
		"RoundTripText":       lawRoundTripText,
		"RoundTripTimes":      lawRoundTripTimes,
		"Stats":               lawStats,
		"StopsWhenReaderDoes": lawStop,
		"Topics":              lawTopics,
	} {
		t.Run(name, func(t *testing.T) { law(t, opened(t, open)) })
	}
	t.Run("Scripts", func(t *testing.T) { runScripts(t, open) })
	t.Run("Corpus", func(t *testing.T) { runCorpus(t, open) })
}

// opened opens a store that is closed when the test ends.
func opened(t testing.TB, open Open) eventstore.Store {
	t.Helper()
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func runScripts(t *testing.T, open Open) {
	files, err := scripts.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			data, err := scripts.ReadFile(path.Join("testdata", f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			RunScript(t, opened(t, open), txtar.Parse(data))
		})
	}
}
