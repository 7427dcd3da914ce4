package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// ComputedMember is somebody who has a value of what is computed; of an audience the value is true.
type ComputedMember struct {
	Person string
	Value  json.RawMessage
	Since  time.Time // came to have a value
	// Traits are the values of the traits that were asked for, in their order; nil where the person lacks one.
	Traits []json.RawMessage
}

// maxMemberTraits bounds the traits beside each member: a person is looked up for them.
const maxMemberTraits = 50

func (k computed) members(c *call) error {
	after, limit := c.text("after"), c.number("limit", 100, maxPage)
	f := newMemberFile(c)
	if c.choice("format", "json", "json", "csv") == "csv" {
		return k.exportPeople(f, "")
	}
	return get(c, http.StatusOK, k.Computations, func(p Computations, ctx context.Context) (AudienceMembers, error) {
		some, err := p.Members(ctx, c.r.PathValue("key"), after, limit)
		if err != nil {
			return some, err
		}
		return some, k.nameMembers(ctx, some.Members)
	})
}

// nameMembers says what members are called.
func (k computed) nameMembers(ctx context.Context, members []AudienceMember) error {
	persons := make([]string, len(members))
	for n, m := range members {
		persons[n] = m.Person
	}
	names, err := k.names(ctx, persons...)
	for n, m := range members {
		members[n].Name = names[m.Person]
	}
	return err
}

func (k computed) people(c *call) error {
	c.choice("format", "csv", "csv")
	return k.exportPeople(newMemberFile(c), c.text("column"))
}

// memberFile is a CSV file of members that is asked for.
type memberFile struct {
	file
	traits []string
}

// newMemberFile reads what the file is to be like.
func newMemberFile(c *call) *memberFile {
	f := &memberFile{file{c: c, name: c.r.PathValue("key"), format: "csv", safe: c.flag("safe", true)}, c.list("traits")}
	if len(f.traits) > maxMemberTraits {
		c.fault("traits", "%d of them; at most %d", len(f.traits), maxMemberTraits)
	}
	return f
}

// exportPeople streams everybody who has a value.
func (k computed) exportPeople(f *memberFile, column string) error {
	c := f.c
	if err := c.done(); err != nil {
		return err
	}
	if k.Computations == nil {
		return errNoUse
	}
	if !k.exports.enter(c.r.Context()) {
		return errBusy
	}
	defer k.exports.leave()
	people := k.Computations.People(c.r.Context(), k.kind, f.name, column, f.traits)
	return streamTo(&f.file, people, func() (rowWriter[ComputedMember], error) { return newMemberWriter(f.out, f.traits, f.safe) })
}

// memberWriter writes members, one CSV record each, with a column for each trait asked for.
type memberWriter struct {
	csv  *csv.Writer
	safe bool
}

func newMemberWriter(w io.Writer, traits []string, safe bool) (*memberWriter, error) {
	m := &memberWriter{csv.NewWriter(w), safe}
	head := []string{"person", "since", "value"}
	for _, name := range traits {
		head = append(head, guard(name, safe))
	}
	return m, m.csv.Write(head)
}

func (m *memberWriter) write(row *ComputedMember) error {
	cells := []string{guard(row.Person, m.safe), row.Since.UTC().Format(time.RFC3339Nano), m.value(row.Value)}
	for _, v := range row.Traits {
		cells = append(cells, m.value(v))
	}
	return m.csv.Write(cells)
}

// value writes JSON as a cell: a text as it is, of all else the JSON.
func (m *memberWriter) value(v json.RawMessage) string {
	var text string
	if strings.HasPrefix(string(v), `"`) && json.Unmarshal(v, &text) == nil {
		return guard(text, m.safe)
	}
	return string(v)
}

func (m *memberWriter) close() error {
	m.csv.Flush()
	return m.csv.Error()
}

var _ rowWriter[ComputedMember] = (*memberWriter)(nil)
