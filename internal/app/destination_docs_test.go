package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/deliver"
	"github.com/debrief-dev/debrief/internal/destination"
)

// TestDocsListEveryDestination compares the kinds of docs/destinations.md with their specs.
func TestDocsListEveryDestination(t *testing.T) {
	const path, begin, end = "../../docs/destinations.md", "<!-- kinds -->\n", "<!-- end -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks", path)
	}
	var b strings.Builder
	for _, k := range (&App{}).destinationKinds() {
		s := k.Spec()
		describeKind(t, &b, &s)
	}
	compareDocs(t, path, before+begin+b.String()+end+after)
}

func describeKind(t *testing.T, b *strings.Builder, s *destination.Spec) {
	t.Helper()
	order := "not kept"
	if s.Ordered {
		order = "kept for each person"
	}
	fmt.Fprintf(b, "### %s\n\n`%s` · %s · takes %s · order %s\n\n%s\n\n| setting | | |\n|---|---|---|\n", s.Title, s.Name, s.Website,
		strings.Join(deliver.Types(s), ", "), order, s.Doc)
	for _, f := range s.Settings {
		notes := []string{string(f.Type)}
		if f.Required {
			notes = append(notes, "required")
		}
		if f.Secret {
			notes = append(notes, "secret")
		}
		if len(f.Choices) > 0 {
			notes = append(notes, strings.Join(f.Choices, " / "))
		}
		if f.Default != "" {
			notes = append(notes, "default `"+f.Default+"`")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Key, strings.Join(notes, ", "), strings.TrimSpace(f.Label+". "+f.Doc))
	}
	var call bytes.Buffer
	if err := json.Indent(&call, s.Example.Call, "", "  "); err != nil {
		t.Errorf("%s: example: %v", s.Name, err)
	}
	fmt.Fprintf(b, "\nThis call\n\n```json\n%s\n```\n\nis sent as\n\n```\n%s\n```\n\n", call.String(), s.Example.Sent)
}
