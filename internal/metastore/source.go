package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Source is one place that events come from.
type Source struct {
	ID        string // stored on every event; made from the name, never changes
	Workspace string
	Name      string
	Kind      string // how it is set up: "segment", "http" …; for people, nothing depends on it
	Enabled   bool
	// RatingScale is the scale of ratings that say none themselves ("1-5"); empty is none.
	RatingScale string
	// Redaction and Content say what redaction does to calls: off, structured (default) or all; and full
	// (default), redacted or metadata.
	Redaction, Content string
	Settings           map[string]string // see [SettingIDNamespace]; never nil
	CreatedAt          time.Time
	Keys               []WriteKey // newest first
}

// SettingIDNamespace is the setting that is prefixed to conversation ids, for products whose ids collide.
const SettingIDNamespace = "id_namespace"

// SettingIgnoreAnonymous is the setting that, if "true", asks clients that heed it to send nothing of
// people without a user id. Screeb's tag has it.
const SettingIgnoreAnonymous = "ignore_anonymous"

// WriteKey lets a client write events of one source, and nothing else.
type WriteKey struct {
	Key       string
	CreatedAt time.Time
}

// SourceChange is what UpdateSource changes; nil leaves a value.
type SourceChange struct {
	Name        *string
	Enabled     *bool
	RatingScale *string
	Redaction   *string
	Content     *string
	Settings    map[string]string // replaces all settings
}

// NewSource says what CreateSource creates. Only Name is required.
type NewSource struct {
	Workspace   string // "" is DefaultWorkspace
	Name        string
	Kind        string // "" is "segment"
	RatingScale string
	Settings    map[string]string
	WriteKey    string // "" makes one
}

const sourceColumns = `id, workspace, name, kind, enabled, rating_scale, redaction, content, settings, created_at`

func scanSource(r sqlite.Scanner) (Source, error) {
	var s Source
	var settings []byte
	if err := r.Scan(&s.ID, &s.Workspace, &s.Name, &s.Kind, &s.Enabled, &s.RatingScale, &s.Redaction, &s.Content, &settings, sqlite.Time(&s.CreatedAt)); err != nil {
		return s, err
	}
	return s, json.Unmarshal(settings, &s.Settings)
}

// Sources returns the sources of a workspace with their keys, oldest first.
func (s *Store) Sources(ctx context.Context, workspace string) ([]Source, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+sourceColumns+` FROM sources WHERE workspace = ? ORDER BY created_at, id`, workspace)
	all, err := sqlite.Collect(rows, err, scanSource)
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	for i := range all {
		if all[i].Keys, err = s.sourceKeys(ctx, all[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Source returns one source with its keys, or ErrNotFound.
func (s *Store) Source(ctx context.Context, workspace, id string) (Source, error) {
	row := s.db.QueryRowContext(ctx, `SELECT `+sourceColumns+` FROM sources WHERE workspace = ? AND id = ?`, workspace, id)
	src, err := scanSource(row)
	if err := notFound(err, "source", id); err != nil {
		return Source{}, err
	}
	src.Keys, err = s.sourceKeys(ctx, id)
	return src, err
}

// CreateSource adds a source with one write key. It returns ErrExists if the key given is taken.
func (s *Store) CreateSource(ctx context.Context, n NewSource) (Source, error) {
	if n.Workspace == "" {
		n.Workspace = DefaultWorkspace
	}
	if n.Kind == "" {
		n.Kind = "segment"
	}
	n.Name = strings.TrimSpace(n.Name)
	if err := errors.Join(checkText("source name", n.Name, 1), checkText("source kind", n.Kind, 1),
		checkText("rating scale", n.RatingScale, 0), checkSettings(n.Settings), checkKey(n.WriteKey)); err != nil {
		return Source{}, err
	}
	settings, err := encodeSettings(n.Settings)
	if err != nil {
		return Source{}, err
	}
	var id string
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		var err error
		if id, err = freeID(ctx, tx, n.Name); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sources (id, workspace, name, kind, rating_scale, settings, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, n.Workspace, n.Name, n.Kind, n.RatingScale, settings, s.now().UnixMicro())
		if err != nil {
			return taken(err, "source", id)
		}
		if err := s.addKey(ctx, tx, id, n.WriteKey); err != nil {
			return err
		}
		return s.audit(ctx, tx, "source.create", id, n.Name)
	})
	if err != nil {
		return Source{}, err
	}
	if err := s.reloadSources(ctx); err != nil {
		return Source{}, err
	}
	return s.Source(ctx, n.Workspace, id)
}

// UpdateSource changes a source and returns it as it is then, or ErrNotFound.
func (s *Store) UpdateSource(ctx context.Context, workspace, id string, c SourceChange) (Source, error) {
	if err := c.check(); err != nil {
		return Source{}, err
	}
	var settings *string
	if c.Settings != nil {
		text, err := encodeSettings(c.Settings)
		if err != nil {
			return Source{}, err
		}
		settings = &text
	}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE sources SET name = coalesce(?, name), enabled = coalesce(?, enabled),
			rating_scale = coalesce(?, rating_scale), redaction = coalesce(?, redaction), content = coalesce(?, content),
			settings = coalesce(?, settings) WHERE workspace = ? AND id = ?`, c.Name, c.Enabled, c.RatingScale, c.Redaction, c.Content, settings, workspace, id)
		if err := affected(r, err, "source", id); err != nil {
			return err
		}
		return s.audit(ctx, tx, "source.update", id, c.summary())
	})
	if err != nil {
		return Source{}, err
	}
	if err := s.reloadSources(ctx); err != nil {
		return Source{}, err
	}
	return s.Source(ctx, workspace, id)
}

func (c *SourceChange) check() error {
	var errs []error
	if c.Name != nil {
		c.Name = new(strings.TrimSpace(*c.Name))
		errs = append(errs, checkText("source name", *c.Name, 1))
	}
	if c.RatingScale != nil {
		errs = append(errs, checkText("rating scale", *c.RatingScale, 0))
	}
	errs = append(errs, checkWord("redaction", c.Redaction, redactions), checkWord("content", c.Content, contents), checkSettings(c.Settings))
	return errors.Join(errs...)
}

var (
	redactions = []string{"off", "structured", "all"}
	contents   = []string{"full", "redacted", "metadata"}
)

// checkWord refuses a value that is none of the words.
func checkWord(what string, value *string, words []string) error {
	if value == nil || slices.Contains(words, *value) {
		return nil
	}
	return fmt.Errorf("%w: %s is one of %s", ErrInvalid, what, strings.Join(words, ", "))
}

func checkSettings(m map[string]string) error {
	if len(m) > 50 {
		return fmt.Errorf("%w: a source has at most 50 settings", ErrInvalid)
	}
	var errs []error
	for name, value := range m {
		errs = append(errs, checkText("setting name", name, 1), checkText("setting "+name, value, 0))
	}
	return errors.Join(errs...)
}

func encodeSettings(m map[string]string) (string, error) {
	if m == nil {
		return "{}", nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("encode settings: %w", err)
	}
	return string(b), nil
}

// summary names what changes, for the audit log.
func (c *SourceChange) summary() string {
	var parts []string
	add := func(name string, value *string) {
		if value != nil {
			parts = append(parts, fmt.Sprintf("%s=%q", name, *value))
		}
	}
	add("name", c.Name)
	if c.Enabled != nil {
		parts = append(parts, fmt.Sprintf("enabled=%t", *c.Enabled))
	}
	add("rating_scale", c.RatingScale)
	add("redaction", c.Redaction)
	add("content", c.Content)
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, c.Settings[name]))
	}
	return strings.Join(parts, " ")
}

// notInSlug is what a source id does not contain.
var notInSlug = regexp.MustCompile(`[^a-z0-9]+`)

// freeID makes a readable source id of a name: ids are what people see in breakdowns and filters.
func freeID(ctx context.Context, tx *sql.Tx, name string) (string, error) {
	base := strings.Trim(notInSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if base == "" {
		base = "source"
	}
	base = strings.TrimRight(base[:min(len(base), 40)], "-")
	rows, err := tx.QueryContext(ctx, `SELECT id FROM sources`)
	ids, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (id string, err error) { err = r.Scan(&id); return })
	if err != nil {
		return "", fmt.Errorf("list source ids: %w", err)
	}
	id := base
	for n := 2; slices.Contains(ids, id); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id, nil
}

// checkText bounds a short text that people enter.
func checkText(what, s string, atLeast int) error {
	if n := utf8.RuneCountInString(s); n < atLeast || n > 200 || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") {
		return fmt.Errorf("%w: %s has %d to 200 characters on one line", ErrInvalid, what, atLeast)
	}
	return nil
}
