package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Annotation is something that happened at a moment and may explain a figure.
type Annotation struct {
	ID        string
	At        time.Time
	Kind      string // one of AnnotationKinds
	Text      string
	Source    string // id; "" is all sources
	Author    string // the name shown
	CreatedAt time.Time
}

// AnnotationKinds are what an annotation can be.
func AnnotationKinds() []string { return []string{"deploy", "prompt", "note"} }

// Bounds of annotations: of one's text in code points, and of a list.
const (
	MaxAnnotation  = 500
	MaxAnnotations = 1000
)

const annotationColumns = `id, at, kind, text, source, author, created_at`

func scanAnnotation(r sqlite.Scanner) (Annotation, error) {
	var a Annotation
	err := r.Scan(&a.ID, sqlite.Time(&a.At), &a.Kind, &a.Text, &a.Source, &a.Author, sqlite.Time(&a.CreatedAt))
	return a, err
}

func (a *Annotation) check() error {
	var errs []error
	if n := utf8.RuneCountInString(a.Text); strings.TrimSpace(a.Text) == "" || n > MaxAnnotation || !storable(a.Text) {
		errs = append(errs, fmt.Errorf("%w: an annotation has a text of 1 to %d characters", ErrInvalid, MaxAnnotation))
	}
	if !slices.Contains(AnnotationKinds(), a.Kind) {
		errs = append(errs, fmt.Errorf("%w: kind is one of %s", ErrInvalid, strings.Join(AnnotationKinds(), ", ")))
	}
	return errors.Join(append(errs, checkText("source", a.Source, 0))...)
}

// Annotations returns those of a workspace with from ≤ at < until (a zero bound is open), the newest
// MaxAnnotations of them, the oldest first. With a source, they are its and those of all sources.
func (s *Store) Annotations(ctx context.Context, workspace, source string, from, until time.Time) ([]Annotation, error) {
	return sqlite.List(ctx, s.db, "list annotations", scanAnnotation, `SELECT `+annotationColumns+` FROM (SELECT * FROM annotations WHERE workspace = ?1
		AND (?2 = '' OR source = '' OR source = ?2) AND (?3 IS NULL OR at >= ?3) AND (?4 IS NULL OR at < ?4)
		ORDER BY at DESC, id LIMIT ?5) ORDER BY at, id`, workspace, source, sqlite.Micros(from), sqlite.Micros(until), MaxAnnotations)
}

// AddAnnotation adds one with an id; a zero At is now. One that says the same (time, kind, text and source)
// is answered instead of doubled, so that a script may try again.
func (s *Store) AddAnnotation(ctx context.Context, workspace string, a Annotation) (Annotation, error) {
	if err := a.check(); err != nil {
		return Annotation{}, err
	}
	id, err := s.secret("ann_", 9)
	if err != nil {
		return Annotation{}, err
	}
	a.ID, a.CreatedAt = id, s.moment()
	if a.At.IsZero() {
		a.At = a.CreatedAt
	}
	a.At = a.At.UTC().Truncate(time.Microsecond)
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO annotations (workspace, `+annotationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			workspace, a.ID, a.At.UnixMicro(), a.Kind, a.Text, a.Source, a.Author, a.CreatedAt.UnixMicro())
		if err != nil {
			return fmt.Errorf("add annotation: %w", err)
		}
		if n, err := r.RowsAffected(); err == nil && n == 0 {
			return nil
		}
		return s.audit(ctx, tx, "annotation.add", a.ID, a.Kind)
	})
	if err != nil {
		return Annotation{}, err
	}
	a, err = scanAnnotation(s.db.QueryRowContext(ctx, `SELECT `+annotationColumns+` FROM annotations
		WHERE workspace = ? AND at = ? AND kind = ? AND text = ? AND source = ?`, workspace, a.At.UnixMicro(), a.Kind, a.Text, a.Source))
	return a, notFound(err, "annotation", id)
}

// PutAnnotation replaces the time, kind, text and source of the annotation with a's id; ErrNotFound, or
// ErrExists when another says the same.
func (s *Store) PutAnnotation(ctx context.Context, workspace string, a Annotation) (Annotation, error) {
	if err := a.check(); err != nil {
		return Annotation{}, err
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE annotations SET at = ?, kind = ?, text = ?, source = ? WHERE workspace = ? AND id = ?`,
			a.At.UnixMicro(), a.Kind, a.Text, a.Source, workspace, a.ID)
		if err != nil {
			return taken(err, "annotation", a.ID)
		}
		if err := affected(r, err, "annotation", a.ID); err != nil {
			return err
		}
		return s.audit(ctx, tx, "annotation.put", a.ID, a.Kind)
	})
	if err != nil {
		return Annotation{}, err
	}
	return s.Annotation(ctx, workspace, a.ID)
}

// Annotation returns one, or ErrNotFound.
func (s *Store) Annotation(ctx context.Context, workspace, id string) (Annotation, error) {
	a, err := scanAnnotation(s.db.QueryRowContext(ctx, `SELECT `+annotationColumns+` FROM annotations WHERE workspace = ? AND id = ?`, workspace, id))
	return a, notFound(err, "annotation", id)
}

// DeleteAnnotation removes one, or returns ErrNotFound.
func (s *Store) DeleteAnnotation(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "annotation", `DELETE FROM annotations WHERE workspace = ? AND id = ?`, workspace, id)
}
