package app

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var updateDocs = flag.Bool("update", false, "write docs/events.md and the tables of codes in docs/vocabularies.md")

// TestDocsListEveryEvent compares docs/events.md with what the vocabularies say of their events.
func TestDocsListEveryEvent(t *testing.T) {
	compareDocs(t, "../../docs/events.md", vocabtest.EventsPage(vocabularies()))
}

// TestDocsListEveryCode compares the tables between the marks of docs/vocabularies.md with the code.
func TestDocsListEveryCode(t *testing.T) {
	const path = "../../docs/vocabularies.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for mark, violations := range map[string]bool{"repairs": false, "violations": true} {
		begin, end := "<!-- "+mark+" -->\n", "<!-- end -->"
		before, rest, ok := strings.Cut(doc, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no marks for %s", path, mark)
		}
		doc = before + begin + vocabtest.CodesTable(violations, vocabularies()) + end + after
	}
	compareDocs(t, path, doc)
}

// compareDocs compares a file with what it should be, or writes it.
func compareDocs(t *testing.T, path, want string) {
	t.Helper()
	if *updateDocs {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("%s is stale; go test ./internal/app -run Docs -update writes it\nwant -, got +:\n%s", path, d)
	}
}

// TestCodesAreToldApart: no code has two meanings on rows of one vocabulary. Two vocabularies may have a code
// in common: the table of codes names them.
func TestCodesAreToldApart(t *testing.T) {
	for _, v := range vocabularies() {
		seen := map[string]bool{}
		for _, c := range append(vocab.SharedCodes(), v.Codes()...) {
			key := fmt.Sprint(c.Name, c.Violation)
			if seen[key] {
				t.Errorf("code %s is explained twice for %s", c.Name, v.Name())
			}
			seen[key] = true
		}
	}
}
