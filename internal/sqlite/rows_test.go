package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

func TestEachOfAsksForEveryKeyOnce(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "words.sqlite"), first)
	run(t, db, `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 2000) INSERT INTO words SELECT 'w' || i, i FROM c`)
	f := func(text string, keys int, values func(int) []any, args ...any) {
		t.Helper()
		asked, seen := make([]int, keys), map[int]int{}
		for i := range asked {
			asked[i] = i
		}
		err := EachOf(t.Context(), db, text, asked, values, func(r Scanner) error {
			var n int
			err := r.Scan(&n)
			seen[n]++
			return err
		}, args...)
		if err != nil || len(seen) != keys {
			t.Errorf("%d keys of %d, %v", len(seen), keys, err)
		}
		for _, k := range asked {
			if seen[k] != 1 {
				t.Errorf("key %d was seen %d times", k, seen[k])
			}
		}
	}
	word := func(i int) []any { return []any{fmt.Sprint("w", i)} }
	both := func(i int) []any { return []any{fmt.Sprint("w", i), i} }
	for _, keys := range []int{0, 1, maxKeys, maxKeys + 1, 2*maxKeys + 7} {
		f(`SELECT n FROM words WHERE n >= ? AND word IN :keys`, keys, word, 0)
		f(`SELECT n FROM words WHERE (word, n) IN :keys ORDER BY n`, keys, both)
	}
	fault := errors.New("fault")
	err := EachOf(t.Context(), db, `SELECT n FROM words WHERE word IN :keys`, []int{1}, word, func(Scanner) error { return fault })
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want that of the row", err)
	}
}

func TestCollectIsAListWithoutRows(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "words.sqlite"), first)
	word := func(r Scanner) (w string, err error) { err = r.Scan(&w); return }
	rows, err := db.QueryContext(t.Context(), `SELECT word FROM words`)
	if all, err := Collect(rows, err, word); err != nil || all == nil || len(all) != 0 {
		t.Errorf("got %#v, %v", all, err)
	}
	rows, err = db.QueryContext(t.Context(), `SELECT nothing`)
	if all, err := Collect(rows, err, word); err == nil || all != nil {
		t.Errorf("a question that fails: %#v, %v", all, err)
	}
}

func TestTimesAreReadAsTheyWereWritten(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "words.sqlite"), first)
	f := func(at, want time.Time) {
		t.Helper()
		got := time.Now()
		run(t, db, `INSERT OR REPLACE INTO words VALUES ('at', ?)`, Micros(at))
		if err := db.QueryRowContext(t.Context(), `SELECT n FROM words`).Scan(Time(&got)); err != nil || got != want {
			t.Errorf("%v: got %v, %v; want %v", at, got, err, want)
		}
	}
	f(time.Time{}, time.Time{})
	f(time.Unix(0, 0), time.Unix(0, 0).UTC())
	f(time.Date(1969, 7, 20, 22, 17, 40, 123_456_789, time.FixedZone("", 3600)), time.Date(1969, 7, 20, 21, 17, 40, 123_456_000, time.UTC))
	f(time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC), time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC))
	run(t, db, `INSERT INTO words VALUES ('text', 1)`)
	var at time.Time
	if err := db.QueryRowContext(t.Context(), `SELECT word FROM words WHERE word = 'text'`).Scan(Time(&at)); err == nil {
		t.Errorf("a text was read as %v", at)
	}
}
