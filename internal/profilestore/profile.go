package profilestore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Traits returns the traits of identifiers together: of each name the last word, those taken away left out, in
// order of name. Who is given all identifiers of a person gets the person's.
func (s *Store) Traits(ctx context.Context, ids []identity.Identifier) ([]Trait, error) {
	last := map[string]Trait{}
	err := s.each(ctx, ids, `SELECT i.type, i.value, t.name, t.value, t.at, t.event, t.source FROM traits t JOIN identifiers i ON i.id = t.identifier WHERE `+isOne, func(r sqlite.Scanner) error {
		t, err := scanTrait(r)
		keepLast(last, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read traits: %w", err)
	}
	return standing(last), nil
}

func scanTrait(r sqlite.Scanner) (t Trait, err error) {
	err = r.Scan(&t.Of.Type, &t.Of.Value, &t.Name, &t.Value, sqlite.Time(&t.At), &t.Event, &t.Source)
	return
}

// after says that a word is later than another.
func (t Trait) after(o Trait) bool {
	return t.At.After(o.At) || t.At.Equal(o.At) && t.Event > o.Event
}

// keepLast keeps the later word of a trait: by time, then event id.
func keepLast(last map[string]Trait, t Trait) {
	if old, ok := last[t.Name]; !ok || t.after(old) {
		last[t.Name] = t
	}
}

// standing returns the traits that were not taken away, by name.
func standing(last map[string]Trait) []Trait {
	out := make([]Trait, 0, len(last))
	for _, t := range last {
		if string(t.Value) != "null" {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Trait) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Account is a group of people: a company, a team.
type Account struct {
	ID      string
	FirstAt time.Time
	Event   string // the call that named it first
	Source  string
	Members int64 // persons
}

// Accounts returns accounts in order of id, after one, at most limit.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	return s.accounts(ctx, `a.id > ? ORDER BY a.id LIMIT ?`, after, limit)
}

// Account returns one, or ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (Account, error) {
	all, err := s.accounts(ctx, `a.id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("account %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Account{}, err
	}
	return all[0], nil
}

func (s *Store) accounts(ctx context.Context, where string, args ...any) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT a.id, a.first_at, a.first_event, a.first_source,
		(SELECT count(DISTINCT `+whose+`) FROM account_members m JOIN identifiers i ON i.id = m.identifier WHERE m.account = a.id)
		FROM accounts a WHERE `+where, args...)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (a Account, err error) {
		err = r.Scan(&a.ID, sqlite.Time(&a.FirstAt), &a.Event, &a.Source, &a.Members)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}

// AccountTraits returns those of an account that were not taken away, by name.
func (s *Store) AccountTraits(ctx context.Context, account string) ([]Trait, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name, value, at, event, source FROM account_traits WHERE account = ?`, account)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (t Trait, err error) {
		t.Account = account
		err = r.Scan(&t.Name, &t.Value, sqlite.Time(&t.At), &t.Event, &t.Source)
		return
	})
	if err != nil {
		return nil, fmt.Errorf("read traits of account: %w", err)
	}
	last := map[string]Trait{}
	for _, t := range all {
		last[t.Name] = t
	}
	return standing(last), nil
}

// AccountMembers returns the keys of the persons of an account after one, in their order, at most limit.
func (s *Store) AccountMembers(ctx context.Context, account, after string, limit int) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT `+whose+` AS key
		FROM account_members m JOIN identifiers i ON i.id = m.identifier WHERE m.account = ? AND key > ? ORDER BY key LIMIT ?`, account, after, limit)
	return keys(rows, err)
}

// AccountsOf returns the accounts that identifiers are members of: the one that a call named last first, at one time
// in order of id.
func (s *Store) AccountsOf(ctx context.Context, ids []identity.Identifier) ([]string, error) {
	last := map[string]int64{}
	err := s.each(ctx, ids, `SELECT m.account, m.last_at FROM account_members m JOIN identifiers i ON i.id = m.identifier WHERE `+isOne, func(r sqlite.Scanner) error {
		var id string
		var at int64
		err := r.Scan(&id, &at)
		if before, ok := last[id]; !ok || at > before {
			last[id] = at
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts of people: %w", err)
	}
	return slices.SortedFunc(maps.Keys(last), func(a, b string) int { return cmp.Or(cmp.Compare(last[b], last[a]), strings.Compare(a, b)) }), nil
}

func keys(rows *sql.Rows, err error) ([]string, error) {
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (v string, err error) { err = r.Scan(&v); return })
	if err != nil {
		return nil, fmt.Errorf("read people of account: %w", err)
	}
	return all, nil
}
