package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/trait"
)

// Kind says what a definition defines.
type Kind string

// The kinds.
const (
	Trait    Kind = "trait"    // of what a person did
	SQL      Kind = "sql"      // traits by a statement: each column but the id is one
	Audience Kind = "audience" // whom a rule holds for
)

// Emit says how changes of a definition are told.
type Emit string

// The ways.
const (
	Identify Emit = "identify" // an identify call with the trait; of audiences true or false
	Track    Emit = "track"    // a track call: Trait Computed, Audience Entered, Audience Exited
	None     Emit = "none"
)

// Definition is something that is computed of people. Exactly one of Trait, SQL and Rule is set, by Kind.
type Definition struct {
	Key, ID              string
	Kind                 Kind
	Name, Doc            string
	Emit                 Emit
	Destinations         []string // ids of those that are told of changes; none: all
	Enabled              bool
	Version              int64
	CreatedAt, UpdatedAt time.Time

	Trait *trait.Definition
	SQL   *SQLTraits
	Rule  *audience.Rule
}

// Every is how often a statement is run.
type Every string

// The intervals.
const (
	Hourly Every = "hour"
	Daily  Every = "day"
)

func (e Every) interval() time.Duration {
	if e == Hourly {
		return time.Hour
	}
	return 24 * time.Hour
}

// SQLTraits are traits by a statement.
type SQLTraits struct {
	// Statement is one SELECT, as in the console, that answers a column user_id or anonymous_id and at least one
	// other. A person has at most one row.
	Statement string `json:"statement"`
	Every     Every  `json:"every"`
	// Columns are the keys of the traits: the columns of the answer but the id, as they were when the definition was
	// written.
	Columns []string `json:"columns"`
}

// Keys are the keys of the values.
func (d *Definition) Keys() []string {
	if d.Kind == SQL {
		return d.SQL.Columns
	}
	return []string{d.Key}
}

// Column returns the key of a column, of the first for ""; ErrInvalid for one that there is none of.
func (d *Definition) Column(name string) (string, error) {
	if name == "" {
		return d.Keys()[0], nil
	}
	if !slices.Contains(d.Keys(), name) {
		return "", fmt.Errorf("%w: column %q; %s has %v", ErrInvalid, name, d.Key, d.Keys())
	}
	return name, nil
}

// reserved are keys that paths of the API have another meaning for.
var reserved = []string{"templates"}

// maxDestinations bounds the destinations that a definition names.
const maxDestinations = 100

// tells reports whether a destination is told of changes.
func (d *Definition) tells(destination string) bool {
	return d.Enabled && d.Emit != None && (len(d.Destinations) == 0 || slices.Contains(d.Destinations, destination))
}

// validate reports what is wrong with a definition by itself, joined.
func (d *Definition) validate() error {
	errs := []error{trait.CheckKey(d.Key)}
	if slices.Contains(reserved, d.Key) {
		errs = append(errs, fmt.Errorf("key %q is reserved; use another", d.Key))
	}
	if !slices.Contains([]Emit{Identify, Track, None}, d.Emit) {
		errs = append(errs, fmt.Errorf("emit %q; it is identify, track or none", d.Emit))
	}
	if len(d.Destinations) > maxDestinations {
		errs = append(errs, fmt.Errorf("at most %d destinations are named; none means all", maxDestinations))
	}
	switch {
	case d.Kind == Trait && d.Trait != nil:
		errs = append(errs, d.Trait.Validate())
	case d.Kind == SQL && d.SQL != nil:
		if strings.TrimSpace(d.SQL.Statement) == "" {
			errs = append(errs, errors.New("sql: the statement is empty"))
		}
		if d.SQL.Every != Hourly && d.SQL.Every != Daily {
			errs = append(errs, fmt.Errorf("sql: every %q; it is hour or day", d.SQL.Every))
		}
	case d.Kind == Audience && d.Rule != nil:
		errs = append(errs, d.Rule.Validate())
	default:
		errs = append(errs, errors.New("a trait has a definition or sql, an audience has a rule"))
	}
	return errors.Join(errs...)
}

// asked are the questions to the event store that a definition is answered by.
func (d *Definition) asked() []trait.Definition {
	if d.Kind == Trait {
		return []trait.Definition{*d.Trait}
	}
	var out []trait.Definition
	if d.Kind == Audience {
		for _, deed := range d.Rule.Deeds() {
			out = append(out, deed.Definition())
		}
	}
	return out
}

// uses reports whether a definition looks at any of some traits.
func (d *Definition) uses(keys []string) bool {
	return d.Kind == Audience && slices.ContainsFunc(d.Rule.Keys(), func(k string) bool { return slices.Contains(keys, k) })
}

// moves says that values may change with time alone.
func (d *Definition) moves() bool {
	return d.Kind == Trait && d.Trait.Window > 0 || d.Kind == Audience && d.Rule.Moves()
}

// body is what is computed, as it is stored.
func (d *Definition) body() (json.RawMessage, error) {
	var v any = d.Trait
	switch d.Kind {
	case SQL:
		v = d.SQL
	case Audience:
		v = d.Rule
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode definition %s: %w", d.Key, err)
	}
	return text, nil
}

func (d *Definition) stored() (metastore.Computed, error) {
	body, err := d.body()
	return metastore.Computed{Key: d.Key, ID: d.ID, Kind: string(d.Kind), Name: d.Name, Doc: d.Doc, Body: body, Emit: string(d.Emit),
		Destinations: d.Destinations, Enabled: d.Enabled}, err
}

func definitionOf(m metastore.Computed) (*Definition, error) {
	d := &Definition{Key: m.Key, ID: m.ID, Kind: Kind(m.Kind), Name: m.Name, Doc: m.Doc, Emit: Emit(m.Emit), Destinations: m.Destinations, Enabled: m.Enabled,
		Version: m.Version, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
	var err error
	switch d.Kind {
	case Trait:
		err = json.Unmarshal(m.Body, &d.Trait)
	case SQL:
		err = json.Unmarshal(m.Body, &d.SQL)
	case Audience:
		err = json.Unmarshal(m.Body, &d.Rule)
	}
	if err == nil {
		err = d.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("read definition %s: %w", m.Key, err)
	}
	return d, nil
}

// load returns all definitions by key.
func (c *Compute) load(ctx context.Context) ([]*Definition, error) {
	all, err := c.config.Meta.Computed(ctx, c.config.Workspace)
	if err != nil {
		return nil, err
	}
	out := make([]*Definition, len(all))
	for i, m := range all {
		if out[i], err = definitionOf(m); err != nil {
			return nil, err
		}
	}
	return out, nil
}
