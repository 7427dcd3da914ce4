package metastore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"time"
)

// keyTable is what Lookup answers from: all keys with their sources, replaced whole on every change.
type keyTable map[string]keyEntry

type keyEntry struct {
	source  *Source
	expires time.Time
}

// Lookup returns the source that a write key belongs to, enabled or not, from memory. The second
// result is false for a key that is unknown or expired. The source is shared: it must not be changed,
// and it has no Keys.
func (s *Store) Lookup(key string) (*Source, bool) {
	e, ok := (*s.keys.Load())[key]
	if !ok || (!e.expires.IsZero() && !s.now().Before(e.expires)) {
		return nil, false
	}
	return e.source, true
}

// RotateKey adds a new write key to a source and lets its other keys live for grace longer, 0 ending
// them at once. It returns the new key.
func (s *Store) RotateKey(ctx context.Context, workspace, source string, grace time.Duration) (WriteKey, error) {
	if grace < 0 {
		return WriteKey{}, fmt.Errorf("%w: grace is not negative", ErrInvalid)
	}
	if _, err := s.Source(ctx, workspace, source); err != nil {
		return WriteKey{}, err
	}
	now := s.now()
	err := s.change(ctx, func(tx *sql.Tx) error {
		end := now.Add(grace).UnixMicro()
		if _, err := tx.ExecContext(ctx, `UPDATE write_keys SET expires_at = ? WHERE source = ? AND (expires_at IS NULL OR expires_at > ?)`,
			end, source, end); err != nil {
			return fmt.Errorf("end write keys: %w", err)
		}
		if err := s.addKey(ctx, tx, source, ""); err != nil {
			return err
		}
		return s.audit(ctx, tx, "source.rotate_key", source, "grace="+grace.String())
	})
	if err != nil {
		return WriteKey{}, err
	}
	if err := s.reloadKeys(ctx); err != nil {
		return WriteKey{}, err
	}
	keys, err := s.sourceKeys(ctx, source)
	if err != nil {
		return WriteKey{}, err
	}
	return keys[0], nil
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
	rows, err := s.db.QueryContext(ctx, `SELECT key, created_at, expires_at FROM write_keys
		WHERE source = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY expires_at IS NULL DESC, created_at DESC, rowid DESC`,
		source, s.now().UnixMicro())
	keys, err := collect(rows, err, func(r scanner) (WriteKey, error) {
		var k WriteKey
		var created, expires sql.NullInt64
		err := r.Scan(&k.Key, &created, &expires)
		k.CreatedAt, k.ExpiresAt = fromMicros(created), fromMicros(expires)
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("list write keys of %s: %w", source, err)
	}
	return keys, nil
}

// reloadKeys reads the table that Lookup answers from.
func (s *Store) reloadKeys(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, `SELECT `+sourceColumns+` FROM sources`)
	sources, err := collect(rows, err, scanSource)
	if err != nil {
		return fmt.Errorf("load sources: %w", err)
	}
	byID := map[string]*Source{}
	for i := range sources {
		byID[sources[i].ID] = &sources[i]
	}
	table := keyTable{}
	rows, err = s.db.QueryContext(ctx, `SELECT key, source, expires_at FROM write_keys`)
	_, err = collect(rows, err, func(r scanner) (struct{}, error) {
		var key, source string
		var expires sql.NullInt64
		err := r.Scan(&key, &source, &expires)
		table[key] = keyEntry{source: byID[source], expires: fromMicros(expires)}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("load write keys: %w", err)
	}
	s.keys.Store(&table)
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
