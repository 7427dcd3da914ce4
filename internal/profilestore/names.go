package profilestore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Named is a person with the name that they have now.
type Named struct {
	Person string // the key
	Name   string
}

// nameTraits are the traits that names are made of: [nameOf], and the table names, which finds them.
const nameTraits = `('name', 'first_name', 'firstName', 'last_name', 'lastName')`

// nameOf is what a person of these traits is called, the one rule of it: the name, else first and last name, in snake
// or camel case. Only texts are names, and not what redaction puts in the place of one, such as "[person]"; "" if
// nothing is left.
func nameOf(last map[string]Trait) string {
	text := func(name string) string {
		var s string
		if json.Unmarshal(last[name].Value, &s) != nil || strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			return ""
		}
		return strings.Join(strings.Fields(s), " ")
	}
	first, family := cmp.Or(text("first_name"), text("firstName")), cmp.Or(text("last_name"), text("lastName"))
	return cmp.Or(text("name"), strings.TrimSpace(first+" "+family))
}

// Names returns what persons are called, by their keys; who has no name is left out. It asks twice for every 400 persons.
func (s *Store) Names(ctx context.Context, persons []string) (map[string]string, error) {
	last := map[string]map[string]Trait{}
	see := func(r sqlite.Scanner) error {
		var person string
		var t Trait
		err := r.Scan(&person, &t.Name, &t.Value, sqlite.Time(&t.At), &t.Event)
		if last[person] == nil {
			last[person] = map[string]Trait{}
		}
		keepLast(last[person], t)
		return err
	}
	const of = `SELECT ` + whose + `, t.name, t.value, t.at, t.event FROM identifiers i JOIN traits t ON t.identifier = i.id AND t.name IN ` + nameTraits + ` WHERE ` + isPerson
	err := s.some(ctx, persons, of+` AND i.person <> '' AND i.person IN :keys`, see)
	if err == nil {
		alone := make([]identity.Identifier, 0, 2*len(persons)) // not resolved yet
		for _, p := range persons {
			alone = append(alone, identity.Identifier{Type: identity.User, Value: p}, identity.Identifier{Type: identity.Anonymous, Value: p})
		}
		err = s.each(ctx, alone, of+` AND i.person = '' AND `+isOne, see)
	}
	if err != nil {
		return nil, fmt.Errorf("read names of people: %w", err)
	}
	out := make(map[string]string, len(last))
	for person, traits := range last {
		if name := nameOf(traits); name != "" {
			out[person] = name
		}
	}
	return out, nil
}

// MinName is how many letters and digits of a name it takes to find somebody.
const MinName = 2

// CanBeFound reports whether a text has enough of a name to find people by.
func CanBeFound(text string) bool {
	return utf8.RuneCountInString(strings.Join(wordsOf(text), "")) >= MinName
}

// Called returns people whose name now, or what stands in it from one of its words on, begins with a text, at most limit:
// those of whom the text is whole words first, then by when their ids came. Case and the signs between words do not
// matter, accents do. It finds nobody by a text that [CanBeFound] is false of, nor where one name's words came with
// several ids and the text goes beyond those of one.
func (s *Store) Called(ctx context.Context, text string, limit int) ([]Named, error) {
	if !CanBeFound(text) {
		return nil, nil
	}
	f := &finding{s: s, words: nameWords(text), limit: limit, seen: map[string]bool{}}
	whole := `"` + strings.Join(wordsOf(text), " ") + `"` // letters alone: nothing in it is an operator
	for _, phrase := range []string{whole, whole + " *"} {
		if err := f.all(ctx, phrase); err != nil {
			return nil, fmt.Errorf("find people by name: %w", err)
		}
	}
	return f.found, nil
}

// finding is a Called under way.
type finding struct {
	s     *Store
	words string
	limit int
	seen  map[string]bool // persons that were looked at
	found []Named
}

// namesAtOnce is how many ids that have the words are looked at together: some more than are answered, since what an
// id was called need not be its person's name any more.
const namesAtOnce = 100

// all adds those whose names have a phrase, until there are enough.
func (f *finding) all(ctx context.Context, phrase string) error {
	for after := int64(0); len(f.found) < f.limit; {
		var persons []string
		rows, err := f.s.db.QueryContext(ctx, `SELECT n.rowid, `+whose+`, `+isPerson+` FROM names n JOIN identifiers i ON i.id = n.rowid
			WHERE n.text MATCH ? AND n.rowid > ? ORDER BY n.rowid LIMIT ?`, phrase, after, namesAtOnce)
		n := 0
		err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
			var person string
			var is bool
			err := r.Scan(&after, &person, &is)
			if n++; is && !f.seen[person] {
				f.seen[person] = true
				persons = append(persons, person)
			}
			return err
		})
		if err == nil {
			err = f.keep(ctx, persons)
		}
		if err != nil || n < namesAtOnce {
			return err
		}
	}
	return nil
}

// keep adds those of some persons whose names have the words now.
func (f *finding) keep(ctx context.Context, persons []string) error {
	names, err := f.s.Names(ctx, persons)
	if err != nil {
		return err
	}
	for _, p := range persons {
		if len(f.found) < f.limit && strings.Contains(" "+nameWords(names[p]), " "+f.words) {
			f.found = append(f.found, Named{p, names[p]})
		}
	}
	return nil
}

// nameWords are the words of a text in one case, with a space between. By way of upper case the two small sigmas of Greek
// are one.
func nameWords(text string) string {
	return strings.ToLower(strings.ToUpper(strings.Join(wordsOf(text), " ")))
}

// wordsOf splits a text at what is no letter, mark or digit, as the table names does.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.Co) })
}
