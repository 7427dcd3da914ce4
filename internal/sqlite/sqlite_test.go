package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

const first = `CREATE TABLE words (word TEXT PRIMARY KEY, n INTEGER) STRICT`

// steps are files of migrations with these texts.
func steps(texts ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i, text := range texts {
		m[fmt.Sprintf("migrations/%04d_x.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func open(t *testing.T, path string, texts ...string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Config{Path: path, Name: "words", Steps: steps(texts...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *DB, text string, args ...any) {
	t.Helper()
	err := db.Change(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), text, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db *DB, text string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c%20#d")
	path := filepath.Join(dir, "words.sqlite")
	run(t, open(t, path, first), `INSERT INTO words VALUES ('a', 1)`)
	open(t, path, first, `ALTER TABLE words ADD COLUMN more TEXT`) // with a copy of the old one
	for name, want := range map[string]fs.FileMode{"": 0o700, "words.sqlite": 0o600, "words.sqlite-wal": 0o600, "words.sqlite-shm": 0o600, "words.sqlite.format-1": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v; want mode %v", name, info, err, want)
		}
	}
}

func TestFailedUpgradeLeavesTheFileAndItsCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.sqlite")
	db := open(t, path, first)
	run(t, db, `INSERT INTO words VALUES ('kept', 1)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	more := `ALTER TABLE words ADD COLUMN more TEXT; UPDATE words SET word = 'changed'`
	for range 2 { // the second copy takes the place of the first
		_, err := Open(t.Context(), Config{Path: path, Name: "words", Steps: steps(first, more, `UPDATE nothing SET x = 1`)})
		if err == nil || !strings.Contains(err.Error(), "upgrade words to format 3") {
			t.Fatalf("a step that fails: %v", err)
		}
	}
	for _, at := range []string{path, path + ".format-1"} {
		old := open(t, at, first) // of the old format, or this failed
		if n := number(t, old, `SELECT count(*) FROM words WHERE word = 'kept'`); n != 1 {
			t.Errorf("%s has %d of the word", filepath.Base(at), n)
		}
		_ = old.Close()
	}
	now := open(t, path, first, more) // mended
	if n := number(t, now, `SELECT count(*) FROM words WHERE word = 'changed' AND more IS NULL`); n != 1 {
		t.Error("after the upgrade the word is not changed")
	}
	if _, err := os.Stat(path + ".format-1.partial"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("part of a copy is left: %v", err)
	}
}

func TestNewFilesAreNotCopied(t *testing.T) {
	dir := t.TempDir()
	_ = open(t, filepath.Join(dir, "words.sqlite"), first, `UPDATE words SET n = 2`).Close()
	_ = open(t, filepath.Join(dir, "words.sqlite"), first, `UPDATE words SET n = 2`).Close()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("files %v, %v; want one", entries, err)
	}
}

func TestOtherFormatsAreRefusedInWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.sqlite")
	_ = open(t, path, first, `UPDATE words SET n = 2`).Close()
	f := func(existing bool, texts []string, newer bool, want string) {
		t.Helper()
		_, err := Open(t.Context(), Config{Path: path, Name: "words", Steps: steps(texts...), Existing: existing})
		if err == nil || errors.Is(err, ErrNewer) != newer || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
	newer := "words: written by a newer version of debrief: the format is 2, this program knows 1; use the newer program, or the copy made before the upgrade"
	f(false, []string{first}, true, newer)
	f(true, []string{first}, true, newer)
	f(true, []string{first, "", ""}, false, "the format is 2, an older one; start the server once to upgrade it to 3")
	db, err := Open(t.Context(), Config{Path: path, Name: "words"}) // without steps whatever it is
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
}

func TestExistingCreatesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.sqlite")
	if _, err := Open(t.Context(), Config{Path: path, Name: "words", Steps: steps(first), Existing: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v; want that it does not exist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
}

// Two programs have the file open, each with several changes at once that read before they write.
func TestChangesAtOnceFollowOneAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.sqlite")
	a, b := open(t, path, first), open(t, path, first)
	run(t, a, `INSERT INTO words VALUES ('a', 0)`)
	const goroutines, changes = 4, 5
	errs := make(chan error, 2*goroutines*changes)
	var wg sync.WaitGroup
	for g := range 2 * goroutines {
		db := []*DB{a, b}[g%2]
		wg.Go(func() {
			for range changes {
				errs <- db.Change(t.Context(), func(tx *sql.Tx) error { return raise(t.Context(), tx) })
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := number(t, b, `SELECT n FROM words`); n != 2*goroutines*changes {
		t.Errorf("raised to %d; want %d", n, 2*goroutines*changes)
	}
}

func raise(ctx context.Context, tx *sql.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT n FROM words`).Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE words SET n = ?`, n+1)
	return err
}

func TestFailedChangesAndTriesChangeNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "words.sqlite"), first)
	run(t, db, `INSERT INTO words VALUES ('a', 0)`)
	fault := errors.New("fault")
	if err := db.Change(t.Context(), func(tx *sql.Tx) error { return errors.Join(raise(t.Context(), tx), fault) }); !errors.Is(err, fault) {
		t.Errorf("got %v, want that of f", err)
	}
	if err := db.Try(t.Context(), func(tx *sql.Tx) error { return raise(t.Context(), tx) }); err != nil {
		t.Error(err)
	}
	if n := number(t, db, `SELECT n FROM words`); n != 0 {
		t.Errorf("raised to %d", n)
	}
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Error(err)
	}
	if err := db.Try(t.Context(), func(*sql.Tx) error { return nil }); err == nil {
		t.Error("a closed file can be written, says Try")
	}
}
