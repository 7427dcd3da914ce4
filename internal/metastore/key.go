package metastore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// sourceTable is what is answered from memory: all sources, replaced whole on every change.
type sourceTable struct {
	byKey map[string]*Source // write key → source
	byID  map[string]*Source
}

// Lookup returns the source that a write key belongs to, enabled or not, from memory. The second
// result is false for an unknown key. The source is shared: it must not be changed, and it has no Keys.
func (s *Store) Lookup(key string) (*Source, bool) {
	src, ok := s.table.Load().byKey[key]
	return src, ok
}

// LookupID is Lookup by the id of the source.
func (s *Store) LookupID(id string) (*Source, bool) {
	src, ok := s.table.Load().byID[id]
	return src, ok
}

// RotateKey adds a new write key to a source, makes its older keys unknown at once if revoke says so,
// and returns the source.
func (s *Store) RotateKey(ctx context.Context, workspace, source string, revoke bool) (Source, error) {
	if _, err := s.Source(ctx, workspace, source); err != nil {
		return Source{}, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		if revoke {
			if _, err := tx.ExecContext(ctx, `DELETE FROM write_keys WHERE source = ?`, source); err != nil {
				return fmt.Errorf("revoke write keys: %w", err)
			}
		}
		if err := s.addKey(ctx, tx, source, ""); err != nil {
			return err
		}
		return s.audit(ctx, tx, "source.rotate_key", source, fmt.Sprintf("revoke=%t", revoke))
	})
	if err != nil {
		return Source{}, err
	}
	if err := s.reloadSources(ctx); err != nil {
		return Source{}, err
	}
	return s.Source(ctx, workspace, source)
}

func (s *Store) addKey(ctx context.Context, tx *sql.Tx, source, key string) error {
	if key == "" {
		secret, err := s.secret("wk_", 18)
		if err != nil {
			return err
		}
		key = secret
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO write_keys (key, source, created_at) VALUES (?, ?, ?)`, key, source, s.now().UnixMicro())
	return taken(err, "write key of source", source) // never the key itself
}

func (s *Store) sourceKeys(ctx context.Context, source string) ([]WriteKey, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT key, created_at FROM write_keys WHERE source = ? ORDER BY created_at DESC, rowid DESC`, source)
	keys, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (WriteKey, error) {
		var k WriteKey
		err := r.Scan(&k.Key, sqlite.Time(&k.CreatedAt))
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("list write keys of %s: %w", source, err)
	}
	return keys, nil
}

// reloadSources reads the table that Lookup answers from.
func (s *Store) reloadSources(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, `SELECT `+sourceColumns+` FROM sources`)
	sources, err := sqlite.Collect(rows, err, scanSource)
	if err != nil {
		return fmt.Errorf("load sources: %w", err)
	}
	t := &sourceTable{byKey: map[string]*Source{}, byID: map[string]*Source{}}
	for i := range sources {
		t.byID[sources[i].ID] = &sources[i]
	}
	rows, err = s.db.QueryContext(ctx, `SELECT key, source FROM write_keys`)
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var key, source string
		err := r.Scan(&key, &source)
		t.byKey[key] = t.byID[source]
		return err
	})
	if err != nil {
		return fmt.Errorf("load write keys: %w", err)
	}
	s.table.Store(t)
	return nil
}

// checkKey says whether a key that somebody chose can be used as one: it travels in headers, URLs and
// as the user of Basic authentication.
func checkKey(key string) error {
	if len(key) > 200 {
		return fmt.Errorf("%w: a write key has at most 200 characters", ErrInvalid)
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c >= 0x7f || c == ':' || c == '/' {
			return fmt.Errorf("%w: a write key is of printable ASCII without space, colon and slash", ErrInvalid)
		}
	}
	return nil
}

// secret makes a random text of n bytes behind a prefix that tells kinds of secrets apart.
func (s *Store) secret(prefix string, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.random, b); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString(b), nil
}

// digest is how secrets are stored that only need to be recognised. They are random and long, so one
// round of a plain hash is enough.
func digest(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}
