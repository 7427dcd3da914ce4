package profilestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
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
		w := &saver{writer: newWriter(ctx, tx), save: v, sizes: map[string]int{}}
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
	writer
	save    Save
	changed int
	told    int64          // calls, ever
	sizes   map[string]int // by key, how many more people have a value than before
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
