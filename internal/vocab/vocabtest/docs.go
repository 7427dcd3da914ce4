package vocabtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/vocab"
)

// CodesTable is the table of repairs, or of violations, in docs/vocabularies.md.
func CodesTable(violations bool, all []vocab.Vocabulary) string {
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
	for _, v := range all {
		add(v.Name(), v.Codes())
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.name, b.name) })
	out := "| code | vocabulary | meaning | when |\n|---|---|---|---|\n"
	for _, l := range lines {
		out += l.text
	}
	return out
}

// EventsPage is docs/events.md: every source event of every vocabulary, and what it becomes.
func EventsPage(all []vocab.Vocabulary) string {
	var b strings.Builder
	b.WriteString(eventsHead)
	for _, v := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| event | becomes | fields | required | signal | why |\n|---|---|---|---|---|---|\n", v.Name())
		for _, e := range v.Events() {
			cells := []string{eventCell(e), becomesCell(e), codeList(e.Fields), codeList(e.Required), signalCell(e), e.Why}
			for i, c := range cells {
				cells[i] = strings.ReplaceAll(c, "|", `\|`)
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		}
	}
	return b.String()
}

const eventsHead = `# Source events

Every event that Debrief knows, by vocabulary, and what it becomes: written from what the vocabularies themselves declare, by
` + "`go test ./internal/app -run Docs -update`" + `. How calls are read beyond this is in [vocabularies.md](vocabularies.md), what kinds and
columns mean in [model.md](model.md).

` + "`sent → column`" + ` is what is mapped, ` + "`column = value`" + ` what the event implies. A property that has no column stays in the row's
properties. Without a required one the row has a violation. Person, session, conversation, message id and time are read from every event
that has them and are named only where a vocabulary has its own name for them. The signal is the implicit one: its dimension and weight.
`

func eventCell(e vocab.EventDoc) string {
	if e.Subtype == "" {
		return "`" + e.Name + "`"
	}
	return "`" + e.Name + "` `" + e.Subtype + "`"
}

func becomesCell(e vocab.EventDoc) string {
	out := string(e.Kind) + "/" + e.Action
	if e.Kind == "" {
		out = "no row"
	}
	if e.When != "" {
		out += " when " + e.When
	}
	return out
}

func codeList(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "`" + strings.Join(all, "`<br>`") + "`"
}

func signalCell(e vocab.EventDoc) string {
	switch {
	case e.Dimension == "":
		return ""
	case e.Weight == nil:
		return e.Dimension + ": " + e.Weights
	case *e.Weight > 0:
		return e.Dimension + " +" + strconv.FormatFloat(*e.Weight, 'g', -1, 64)
	}
	return e.Dimension + " " + strings.Replace(strconv.FormatFloat(*e.Weight, 'g', -1, 64), "-", "−", 1)
}
