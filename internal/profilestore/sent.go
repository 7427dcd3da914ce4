package profilestore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// SentTraits returns some of the traits that persons were said to have, by person and name: of each the last word, those
// taken away left out.
func (s *Store) SentTraits(ctx context.Context, persons, names []string) (map[string]map[string]json.RawMessage, error) {
	out := map[string]map[string]json.RawMessage{}
	if len(names) == 0 {
		return out, nil
	}
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	last := map[[2]string]Trait{}
	for _, condition := range []string{`i.person <> '' AND i.person`, `i.person = '' AND i.type = 'user_id' AND i.value`, `i.person = '' AND i.type = 'anonymous_id' AND i.value`} {
		err := s.some(ctx, persons, `SELECT `+whose+`, t.name, t.value, t.at, t.event FROM identifiers i JOIN traits t ON t.identifier = i.id
			WHERE t.name IN `+sqlite.Marks(len(names))+` AND `+condition+` IN :keys`, func(r sqlite.Scanner) error {
			var t Trait
			var person string
			if err := r.Scan(&person, &t.Name, &t.Value, sqlite.Time(&t.At), &t.Event); err != nil {
				return err
			}
			key := [2]string{person, t.Name}
			if old, ok := last[key]; !ok || t.after(old) {
				last[key] = t
			}
			return nil
		}, args...)
		if err != nil {
			return nil, fmt.Errorf("read traits of people: %w", err)
		}
	}
	for key, t := range last {
		if string(t.Value) == "null" {
			continue
		}
		if out[key[0]] == nil {
			out[key[0]] = map[string]json.RawMessage{}
		}
		out[key[0]][t.Name] = t.Value
	}
	return out, nil
}
