package profilestore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Outcome is what was computed of a person under a key.
type Outcome struct {
	Key, Person string
	Value       json.RawMessage // nil: nothing
}

// Change is a value that became another.
type Change struct {
	Key, Person string
	Old, New    json.RawMessage // nil: none
	// Anonymous says that the person's key is an anonymous id, and no user id.
	Anonymous bool
	// N tells apart changes that are equal otherwise: how many calls were told before.
	N int64
}

// Call is one that tells of a change.
type Call struct {
	ID, Type string
	JSON     []byte
	seq      int64
}

// Save is what one round of computing came to.
type Save struct {
	Outcomes []Outcome
	// States replaces how far some computations are, by id; "" removes one.
	States map[string]string
	// Done are marks that are settled, unless they were renewed since.
	Done []Stale
	// Tell makes the call that tells of a change; nil for none.
	Tell func(Change) (*Call, error)
	Now  time.Time
}

// SaveComputed stores outcomes in the place of what their persons had, and for every change the call that tells of it;
// all or nothing. It returns how many changed. A person has at most one outcome a key.
func (s *Store) SaveComputed(ctx context.Context, v Save) (changed int, err error) {
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		w := &saver{tx: tx, ctx: ctx, save: v, sizes: map[string]int{}, statements: map[string]*sql.Stmt{}}
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'`).Scan(&w.told); err != nil {
			return err
		}
		for _, o := range v.Outcomes {
			if err := w.outcome(o); err != nil {
				return err
			}
		}
		changed = w.changed
		return w.rest()
	})
	if err != nil {
		return 0, fmt.Errorf("save what was computed: %w", err)
	}
	return changed, nil
}

// saver is a SaveComputed under way.
type saver struct {
	tx         *sql.Tx
	ctx        context.Context
	save       Save
	changed    int
	told       int64 // calls, ever
	sizes      map[string]int
	statements map[string]*sql.Stmt
}

func (w *saver) prepared(text string) (*sql.Stmt, error) {
	if st := w.statements[text]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(w.ctx, text) // closed with the transaction
	w.statements[text] = st
	return st, err
}

func (w *saver) run(text string, args ...any) error {
	st, err := w.prepared(text)
	if err == nil {
		_, err = st.ExecContext(w.ctx, args...)
	}
	return err
}

func (w *saver) outcome(o Outcome) error {
	st, err := w.prepared(`SELECT value FROM computed WHERE key = ? AND person = ?`)
	if err != nil {
		return err
	}
	c := Change{Key: o.Key, Person: o.Person, New: o.Value}
	var old string
	switch err := st.QueryRowContext(w.ctx, o.Key, o.Person).Scan(&old); {
	case err == nil:
		c.Old = json.RawMessage(old)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	now := w.save.Now.UnixMicro()
	switch {
	case string(c.Old) == string(c.New):
		return nil
	case c.New == nil:
		w.sizes[o.Key]--
		err = w.run(`DELETE FROM computed WHERE key = ? AND person = ?`, o.Key, o.Person)
	case c.Old == nil:
		w.sizes[o.Key]++
		err = w.run(`INSERT INTO computed (key, person, value, since, updated) VALUES (?1, ?2, ?3, ?4, ?4)`, o.Key, o.Person, string(o.Value), now)
	default:
		err = w.run(`UPDATE computed SET value = ?3, updated = ?4 WHERE key = ?1 AND person = ?2`, o.Key, o.Person, string(o.Value), now)
	}
	if err != nil {
		return err
	}
	w.changed++
	return w.tell(c)
}

func (w *saver) tell(c Change) error {
	if w.save.Tell == nil {
		return nil
	}
	st, err := w.prepared(`SELECT EXISTS (SELECT 1 FROM identifiers WHERE type = 'user_id' AND value = ?1),
		EXISTS (SELECT 1 FROM identifiers WHERE type = 'anonymous_id' AND value = ?1)`)
	if err != nil {
		return err
	}
	var user, anonymous bool
	if err := st.QueryRowContext(w.ctx, c.Person).Scan(&user, &anonymous); err != nil {
		return err
	}
	c.Anonymous, c.N = anonymous && !user, w.told
	call, err := w.save.Tell(c)
	if call == nil || err != nil {
		return err
	}
	w.told++
	return w.run(`INSERT INTO outbox (id, type, call) VALUES (?, ?, ?)`, call.ID, call.Type, string(call.JSON))
}

// rest stores sizes and states, and removes marks.
func (w *saver) rest() error {
	for key, n := range w.sizes {
		err := w.run(`INSERT INTO computed_sizes (key, people) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET people = people + ?2`, key, n)
		if err == nil {
			err = w.run(`DELETE FROM computed_sizes WHERE key = ? AND people = 0`, key)
		}
		if err != nil {
			return err
		}
	}
	for id, state := range w.save.States {
		text := `INSERT OR REPLACE INTO computations (id, state) VALUES (?1, ?2)`
		if state == "" {
			text = `DELETE FROM computations WHERE id = ?1 AND ?2 = ''`
		}
		if err := w.run(text, id, state); err != nil {
			return err
		}
	}
	for _, m := range w.save.Done {
		if err := w.run(`DELETE FROM stale WHERE conversation = ? AND id = ? AND stamp = ?`, m.Conversation, m.ID, m.stamp); err != nil {
			return err
		}
	}
	return nil
}

// Computations returns how far what is computed is, by id.
func (s *Store) Computations(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	rows, err := s.db.QueryContext(ctx, `SELECT id, state FROM computations`)
	_, err = sqlite.Collect(rows, err, func(r sqlite.Scanner) (struct{}, error) {
		var id, state string
		err := r.Scan(&id, &state)
		out[id] = state
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read computations: %w", err)
	}
	return out, nil
}

// Sizes returns how many people have a value, by key; keys that nobody has are left out.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	rows, err := s.db.QueryContext(ctx, `SELECT key, people FROM computed_sizes`)
	_, err = sqlite.Collect(rows, err, func(r sqlite.Scanner) (struct{}, error) {
		var key string
		var n int64
		err := r.Scan(&key, &n)
		out[key] = n
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("count computed values: %w", err)
	}
	return out, nil
}

// Computed is a value that was computed of a person.
type Computed struct {
	Key, Person string
	Value       json.RawMessage
	// Since is when the person came to have a value, Updated when it became this one.
	Since, Updated time.Time
}

func scanComputed(r sqlite.Scanner) (c Computed, err error) {
	err = r.Scan(&c.Key, &c.Person, (*[]byte)(&c.Value), sqlite.Time(&c.Since), sqlite.Time(&c.Updated))
	return
}

// WithKey returns who has a value under a key, in order of person after one, at most limit.
func (s *Store) WithKey(ctx context.Context, key, after string, limit int) ([]Computed, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT key, person, value, since, updated FROM computed WHERE key = ? AND person > ? ORDER BY person LIMIT ?`, key, after, limit)
	all, err := sqlite.Collect(rows, err, scanComputed)
	if err != nil {
		return nil, fmt.Errorf("list computed values: %w", err)
	}
	return all, nil
}

// ComputedOf returns what persons have, in order of person and key.
func (s *Store) ComputedOf(ctx context.Context, persons []string) ([]Computed, error) {
	var out []Computed
	err := s.some(ctx, persons, `SELECT key, person, value, since, updated FROM computed WHERE person IN :list`, func(r sqlite.Scanner) error {
		c, err := scanComputed(r)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read computed values of people: %w", err)
	}
	slices.SortFunc(out, func(a, b Computed) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.Key, b.Key))
	})
	return out, nil
}

// ValueCount is how many people have a value.
type ValueCount struct {
	Value  json.RawMessage
	People int64
}

// TopValues returns the values that most people have under a key, the elements of lists by themselves, at most limit,
// and how many different ones there are.
func (s *Store) TopValues(ctx context.Context, key string, limit int) ([]ValueCount, int64, error) {
	var different int64
	rows, err := s.db.QueryContext(ctx, `SELECT v, n, count(*) OVER () FROM (
		SELECT CASE j.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN c.value ELSE json_quote(j.value) END AS v, count(*) AS n
		FROM computed c, json_each(c.value) j WHERE c.key = ? GROUP BY v) ORDER BY n DESC, v LIMIT ?`, key, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (v ValueCount, err error) {
		err = r.Scan((*[]byte)(&v.Value), &v.People, &different)
		return
	})
	if err != nil {
		return nil, 0, fmt.Errorf("count values: %w", err)
	}
	return all, different, nil
}

// Numbers are what the numbers that people have under a key are like.
type Numbers struct {
	People         int64
	Min, Max, Mean float64
}

// NumbersOf returns that; nil if nobody has a number.
func (s *Store) NumbersOf(ctx context.Context, key string) (*Numbers, error) {
	var n Numbers
	var least, most, mean sql.NullFloat64
	err := s.db.QueryRowContext(ctx, `SELECT count(*), min(n), max(n), avg(n) FROM (SELECT CAST(value AS REAL) AS n FROM computed
		WHERE key = ? AND (value GLOB '[0-9]*' OR value GLOB '-*'))`, key).Scan(&n.People, &least, &most, &mean)
	if err != nil {
		return nil, fmt.Errorf("read numbers: %w", err)
	}
	if n.People == 0 {
		return nil, nil
	}
	n.Min, n.Max, n.Mean = least.Float64, most.Float64, mean.Float64
	return &n, nil
}

// Stale is a person, or a conversation whose persons, are to be computed anew.
type Stale struct {
	ID           string
	Conversation bool
	stamp        int64
}

// MarkStale marks durably.
func (s *Store) MarkStale(ctx context.Context, ids []string, conversations bool) error {
	if len(ids) == 0 {
		return nil
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error { return markStale(ctx, tx, ids, conversations) })
}

func markStale(ctx context.Context, tx *sql.Tx, ids []string, conversations bool) error {
	st, err := tx.PrepareContext(ctx, `INSERT INTO stale (id, conversation) VALUES (?, ?) ON CONFLICT DO UPDATE SET stamp = stamp + 1`)
	if err != nil {
		return fmt.Errorf("mark what is to be computed: %w", err)
	}
	for _, id := range ids {
		if _, err := st.ExecContext(ctx, id, conversations); err != nil {
			return fmt.Errorf("mark what is to be computed: %w", err)
		}
	}
	return nil
}

// StaleNow returns marks, at most limit of persons and of conversations each.
func (s *Store) StaleNow(ctx context.Context, limit int) ([]Stale, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT * FROM (SELECT id, conversation, stamp FROM stale WHERE conversation = 0 LIMIT ?1)
		UNION ALL SELECT * FROM (SELECT id, conversation, stamp FROM stale WHERE conversation = 1 LIMIT ?1)`, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (m Stale, err error) {
		err = r.Scan(&m.ID, &m.Conversation, &m.stamp)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("list what is to be computed: %w", err)
	}
	return all, nil
}

// StaleCount counts the marks.
func (s *Store) StaleCount(ctx context.Context) (n int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM stale`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what is to be computed: %w", err)
	}
	return n, nil
}

// emittedSetting is how far the log of emitted calls went when calls were last taken off the outbox.
const emittedSetting = "emitted"

// Outbox returns the oldest calls that are not taken off, at most limit.
func (s *Store) Outbox(ctx context.Context, limit int) ([]Call, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT seq, id, type, call FROM outbox ORDER BY seq LIMIT ?`, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (c Call, err error) {
		err = r.Scan(&c.seq, &c.ID, &c.Type, &c.JSON)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return all, nil
}

// Emitted takes calls off the outbox that are in the log, which goes up to a position now.
func (s *Store) Emitted(ctx context.Context, calls []Call, position uint64) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, c := range calls {
			if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE seq = ?`, c.seq); err != nil {
				return fmt.Errorf("take calls off the outbox: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`, emittedSetting, fmt.Sprint(position)); err != nil {
			return fmt.Errorf("take calls off the outbox: %w", err)
		}
		return nil
	})
}

// EmittedUpTo returns the position of the last Emitted; 0 before any.
func (s *Store) EmittedUpTo(ctx context.Context) (uint64, error) {
	text, err := s.Setting(ctx, emittedSetting)
	if err != nil || text == "" {
		return 0, err
	}
	var at uint64
	if _, err := fmt.Sscan(text, &at); err != nil {
		return 0, fmt.Errorf("read setting %s of profiles: %w", emittedSetting, err)
	}
	return at, nil
}

// whose is the key of the person of an identifier i.
const whose = `CASE i.person WHEN '' THEN i.value ELSE i.person END`

// isPerson holds for identifiers i that a person may be named by.
const isPerson = `i.type IN ('user_id', 'anonymous_id') AND i.first_at IS NOT NULL AND i.state <> 'blocked'`

// Known returns the keys of persons, each once, that the next identifiers in the order of their first sight name, after
// one; and the last identifier's place, 0 at the end.
func (s *Store) Known(ctx context.Context, after int64, limit int) (persons []string, last int64, err error) {
	return s.walk(ctx, `i.id > ? ORDER BY i.id`, after, limit)
}

// Newest is Known from the other end, before a place; 0 is the newest.
func (s *Store) Newest(ctx context.Context, before int64, limit int) (persons []string, last int64, err error) {
	return s.walk(ctx, `(?1 = 0 OR i.id < ?1) ORDER BY i.id DESC`, before, limit)
}

func (s *Store) walk(ctx context.Context, order string, place int64, limit int) (persons []string, last int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT i.id, `+whose+` FROM identifiers i WHERE `+isPerson+` AND `+order+` LIMIT ?`, place, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (person string, err error) {
		err = r.Scan(&last, &person)
		return
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list people: %w", err)
	}
	if len(all) < limit {
		last = 0
	}
	slices.Sort(all)
	return slices.Compact(all), last, nil
}

// LastPlace is the place of the newest identifier.
func (s *Store) LastPlace(ctx context.Context) (n int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM identifiers`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return n, nil
}

// Living returns those of some keys that a person has now: others were merged, or name nobody.
func (s *Store) Living(ctx context.Context, persons []string) (map[string]bool, error) {
	out := map[string]bool{}
	see := func(r sqlite.Scanner) error {
		var person string
		err := r.Scan(&person)
		out[person] = true
		return err
	}
	err := s.some(ctx, persons, `SELECT DISTINCT i.person FROM identifiers i WHERE `+isPerson+` AND i.person <> '' AND i.person IN :list`, see)
	if err == nil {
		for _, t := range []string{"user_id", "anonymous_id"} { // one each: both in one condition would miss the index
			err = errors.Join(err, s.some(ctx, persons, `SELECT i.value FROM identifiers i WHERE `+isPerson+` AND i.person = '' AND i.type = '`+t+`' AND i.value IN :list`, see))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return out, nil
}

// PersonsOf returns the keys of the persons that user ids, or anonymous ids, name now; ids of nobody are left out.
func (s *Store) PersonsOf(ctx context.Context, anonymous bool, ids []string) (map[string]string, error) {
	t := "user_id"
	if anonymous {
		t = "anonymous_id"
	}
	out := map[string]string{}
	err := s.some(ctx, ids, `SELECT i.value, `+whose+` FROM identifiers i WHERE `+isPerson+` AND i.type = '`+t+`' AND i.value IN :list`, func(r sqlite.Scanner) error {
		var id, person string
		err := r.Scan(&id, &person)
		out[id] = person
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find people of ids: %w", err)
	}
	return out, nil
}

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
			WHERE t.name IN `+sqlite.Marks(len(names))+` AND `+condition+` IN :list`, func(r sqlite.Scanner) error {
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

// after says that a word is later than another.
func (t Trait) after(o Trait) bool {
	return t.At.After(o.At) || t.At.Equal(o.At) && t.Event > o.Event
}
