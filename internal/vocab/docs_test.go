package vocab_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/screeb"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

var update = flag.Bool("update", false, "write the tables of codes in docs/vocabularies.md")

// TestDocsListEveryCode compares the tables between the marks of docs/vocabularies.md with the code.
func TestDocsListEveryCode(t *testing.T) {
	const path = "../../docs/vocabularies.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for _, violations := range []bool{false, true} {
		mark := map[bool]string{false: "repairs", true: "violations"}[violations]
		begin, end := "<!-- "+mark+" -->\n", "<!-- end -->"
		before, rest, ok := strings.Cut(doc, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no marks for %s", path, mark)
		}
		want := table(violations, segment.Vocabulary{}, screeb.Vocabulary{})
		if *update {
			doc = before + begin + want + end + after
		} else if d := cmp.Diff(want, got); d != "" {
			t.Errorf("table of %s; go test ./internal/vocab -run Docs -update writes it\nwant -, got +:\n%s", mark, d)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func table(violations bool, vs ...vocab.Vocabulary) string {
	type line struct{ name, text string }
	var lines []line
	add := func(of string, codes []vocab.Code) {
		for _, c := range codes {
			if c.Violation == violations {
				lines = append(lines, line{c.Name, fmt.Sprintf("| `%s` | %s | %s | %s |\n", c.Name, of, c.Meaning, c.When)})
			}
		}
	}
	add("all", vocab.SharedCodes())
	for _, v := range vs {
		add(v.Name(), v.Codes())
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.name, b.name) })
	out := "| code | vocabulary | meaning | when |\n|---|---|---|---|\n"
	for _, l := range lines {
		out += l.text
	}
	return out
}

func TestCodesAreToldApart(t *testing.T) {
	seen := map[string]bool{}
	for _, codes := range [][]vocab.Code{vocab.SharedCodes(), segment.Vocabulary{}.Codes(), screeb.Vocabulary{}.Codes()} {
		for _, c := range codes {
			key := fmt.Sprint(c.Name, c.Violation)
			if seen[key] {
				t.Errorf("code %s is explained twice", c.Name)
			}
			seen[key] = true
		}
	}
}
