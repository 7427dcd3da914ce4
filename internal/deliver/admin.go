package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Draft is a destination as somebody sets it up.
type Draft struct {
	Name     string
	Kind     string // of a new one
	Enabled  bool
	Settings destination.Settings // of an old one, a secret that is not given stays as it is
	Rules    Rules
}

// ErrInvalid wraps what is wrong with a draft; its text is for the person who sent it, and quotes no secret.
var ErrInvalid = errors.New("invalid")

// Create adds a destination. It gets what is accepted from now on.
func (d *Deliver) Create(ctx context.Context, draft Draft, by string) (metastore.Destination, error) {
	id, err := d.config.Meta.NewDestinationID()
	if err != nil {
		return metastore.Destination{}, err
	}
	one := metastore.Destination{ID: id, Kind: draft.Kind, CreatedBy: by}
	if err := d.fill(&one, draft, nil); err != nil {
		return one, err
	}
	cursors := map[string]uint64{}
	for i := range d.config.Logs {
		_, end := d.config.Logs[i].Log.Bounds()
		cursors[d.config.Logs[i].Name] = uint64(end)
		d.keeper.moved(id, d.config.Logs[i].Name, end) // before it is stored: nothing is trimmed in between
	}
	if one, err = d.config.Meta.AddDestination(ctx, d.config.Workspace, one, cursors); err != nil {
		d.keeper.gone(id)
		return one, err
	}
	return one, d.Reload(ctx, one.ID)
}

// Update replaces what is set up of a destination.
func (d *Deliver) Update(ctx context.Context, id string, draft Draft) (metastore.Destination, error) {
	one, err := d.config.Meta.Destination(ctx, d.config.Workspace, id)
	if err != nil {
		return one, err
	}
	before, _, err := d.Settings(one)
	if err != nil {
		before = nil // what cannot be read any more is set anew
	}
	if err := d.fill(&one, draft, before); err != nil {
		return one, err
	}
	if one, err = d.config.Meta.UpdateDestination(ctx, d.config.Workspace, one); err != nil {
		return one, err
	}
	return one, d.Reload(ctx, id)
}

// Enable lets a destination go on, or pauses it: calls wait for it then.
func (d *Deliver) Enable(ctx context.Context, id string, enabled bool) (metastore.Destination, error) {
	one, err := d.config.Meta.Destination(ctx, d.config.Workspace, id)
	if err != nil {
		return one, err
	}
	one.Enabled = enabled
	if one, err = d.config.Meta.UpdateDestination(ctx, d.config.Workspace, one); err != nil {
		return one, err
	}
	return one, d.Reload(ctx, id)
}

// Delete removes a destination with all that waits for it.
func (d *Deliver) Delete(ctx context.Context, id string) error {
	if _, err := d.Enable(ctx, id, false); err != nil { // its courier ends before its rows go
		return err
	}
	if err := d.config.Meta.DeleteDestination(ctx, d.config.Workspace, id); err != nil {
		return err
	}
	return d.Reload(ctx, id)
}

// fill checks a draft and puts it into one, with secrets sealed.
func (d *Deliver) fill(one *metastore.Destination, draft Draft, before destination.Settings) error {
	kind, ok := d.kinds[one.Kind]
	if !ok {
		return fmt.Errorf("%w: there is no destination of kind %q", ErrInvalid, one.Kind)
	}
	spec := kind.Spec()
	settings, err := check(kind, &spec, draft.Settings, before, d.env(one.ID))
	if err := errors.Join(err, draft.Rules.Check(&spec)); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	plain, secret := destination.Settings{}, destination.Settings{}
	for _, s := range spec.Settings {
		if s.Secret {
			secret[s.Key] = settings[s.Key]
		} else {
			plain[s.Key] = settings[s.Key]
		}
	}
	one.Name, one.Enabled = draft.Name, draft.Enabled
	if one.Settings, err = encode(plain); err != nil {
		return err
	}
	if one.Rules, err = encode(draft.Rules); err != nil {
		return err
	}
	one.Secrets = nil
	if len(secret) == 0 {
		return nil
	}
	if d.config.Secrets == nil {
		return fmt.Errorf("%w: this server keeps no secrets", ErrInvalid)
	}
	text, err := encode(secret)
	if err != nil {
		return err
	}
	one.Secrets, err = d.config.Secrets.Seal(sealedFor(one.ID), []byte(text))
	return err
}

// sealedFor is what the secrets of a destination are sealed for.
func sealedFor(id string) string { return "destination " + id }

func encode(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode destination: %w", err)
	}
	return string(text), nil
}

// check fills in secrets that are not given, and asks spec and destination.
func check(kind destination.Destination, spec *destination.Spec, given, before destination.Settings, env destination.Env) (destination.Settings, error) {
	given = maps.Clone(given)
	if given == nil {
		given = destination.Settings{}
	}
	for _, s := range spec.Settings {
		if _, ok := given[s.Key]; !ok && s.Secret && before[s.Key] != "" {
			given[s.Key] = before[s.Key]
		}
	}
	settings, err := spec.Check(given)
	if err != nil {
		return nil, err
	}
	sender, err := kind.Open(settings, env)
	if err != nil {
		return nil, err
	}
	return settings, sender.Close()
}

func rulesOf(one *metastore.Destination) (rules Rules, err error) {
	if err := json.Unmarshal([]byte(one.Rules), &rules); err != nil {
		return rules, fmt.Errorf("read rules of destination %s: %w", one.ID, err)
	}
	return rules, nil
}

// Settings returns the settings of a destination, secrets too, and its rules.
func (d *Deliver) Settings(one metastore.Destination) (destination.Settings, Rules, error) {
	kind, ok := d.kinds[one.Kind]
	if !ok {
		return nil, Rules{}, fmt.Errorf("this server has no destination of kind %q", one.Kind)
	}
	settings := destination.Settings{}
	if err := json.Unmarshal([]byte(one.Settings), &settings); err != nil {
		return nil, Rules{}, fmt.Errorf("read settings of destination %s: %w", one.ID, err)
	}
	rules, err := rulesOf(&one)
	if err != nil {
		return nil, rules, err
	}
	if len(one.Secrets) > 0 {
		if d.config.Secrets == nil {
			return nil, rules, errors.New("this server keeps no secrets")
		}
		text, err := d.config.Secrets.Open(sealedFor(one.ID), one.Secrets)
		if err != nil {
			return nil, rules, err
		}
		if err := json.Unmarshal(text, &settings); err != nil {
			return nil, rules, fmt.Errorf("read secrets of destination %s: they are no JSON object", one.ID)
		}
	}
	spec := kind.Spec()
	for key := range settings { // of an older version of the kind
		if !known(&spec, key) {
			delete(settings, key)
		}
	}
	settings, err = spec.Check(settings)
	return settings, rules, err
}

func known(spec *destination.Spec, key string) bool {
	for i := range spec.Settings {
		if spec.Settings[i].Key == key {
			return true
		}
	}
	return false
}

// Status returns how a destination is doing.
func (d *Deliver) Status(ctx context.Context, one metastore.Destination) (Status, error) {
	s := Status{State: StatePaused}
	d.mu.Lock()
	r, problem := d.couriers[one.ID], d.failed[one.ID]
	d.mu.Unlock()
	switch {
	case problem != nil:
		s.State, s.Problem = StateInvalid, problem.Error()
	case r != nil:
		answer := make(chan Status, 1)
		select {
		case r.do <- func() { answer <- r.status() }:
			s = <-answer
		case <-r.done:
		case <-ctx.Done():
			return s, ctx.Err()
		}
	}
	var err error
	if s.Waiting, s.Dead, err = d.config.Meta.ParkedCounts(ctx, one.ID); err != nil {
		return s, err
	}
	s.Lost, s.LostAt, err = d.config.Meta.LatestCount(ctx, one.ID, stepLost, d.config.Now().Add(-metastore.KeptDead))
	return s, err
}

// lostIsNews is how long calls that were lost are a problem to be told.
const lostIsNews = 24 * time.Hour

// Problems are the destinations that are down, cannot be opened, or lost calls in the last day, in words.
func (d *Deliver) Problems(ctx context.Context) ([]string, error) {
	all, err := d.config.Meta.Destinations(ctx, d.config.Workspace)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, one := range all {
		s, err := d.Status(ctx, one)
		if err != nil {
			return nil, err
		}
		if s.Lost > 0 && d.config.Now().Sub(s.LostAt) < lostIsNews {
			out = append(out, fmt.Sprintf("destination %q lost %d calls that waited for it: their log had reached its size", one.Name, s.Lost))
		}
		switch {
		case s.State == StateInvalid:
			out = append(out, fmt.Sprintf("destination %q cannot be opened: %s", one.Name, s.Problem))
		case s.State == StateDown && len(s.Failures) > 0:
			out = append(out, fmt.Sprintf("destination %q is down: %s", one.Name, s.Failures[0].Reason))
		}
	}
	return out, nil
}

// ReplayDead lets dead calls of a destination wait again: those of the ids, or all with nil; of a code, unless that
// is "". It returns how many.
func (d *Deliver) ReplayDead(ctx context.Context, id, code string, ids []int64) (int64, error) {
	if _, err := d.config.Meta.Destination(ctx, d.config.Workspace, id); err != nil {
		return 0, err
	}
	n, err := d.config.Meta.ReplayDead(ctx, id, code, ids)
	if err == nil && n > 0 {
		d.Replayed(id)
	}
	return n, err
}

// Backfill begins to send the calls of a period, from ≤ occurred_at < until, once more.
func (d *Deliver) Backfill(ctx context.Context, id string, from, until time.Time, by string) (metastore.Backfill, error) {
	b := metastore.Backfill{Since: from, Until: until, CreatedBy: by}
	if _, err := d.config.Meta.Destination(ctx, d.config.Workspace, id); err != nil {
		return b, err
	}
	if d.config.Store == nil || !from.Before(until) {
		return b, fmt.Errorf("%w: a backfill goes from a time to a later one", ErrInvalid)
	}
	answer, err := d.config.Store.Query(ctx, query.Query{Grain: query.Events, Range: query.Range{From: from, Until: until}, Measures: []query.Measure{{As: "calls", Op: query.Count}}})
	if err != nil {
		return b, fmt.Errorf("count calls of a period: %w", err)
	}
	if len(answer.Rows) > 0 {
		b.Total = int64(answer.Rows[0].Values[0].Num)
	}
	if b, err = d.config.Meta.AddBackfill(ctx, id, b); err != nil {
		return b, err
	}
	return b, d.Reload(ctx, id)
}

// BackfillComputed begins to send what is computed of people now, as changes of it are told.
func (d *Deliver) BackfillComputed(ctx context.Context, id, by string) (metastore.Backfill, error) {
	now := d.config.Now()
	b := metastore.Backfill{Computed: true, Since: now, Until: now, CreatedBy: by}
	if _, err := d.config.Meta.Destination(ctx, d.config.Workspace, id); err != nil {
		return b, err
	}
	if d.config.Computed == nil {
		return b, fmt.Errorf("%w: nothing is computed on this server", ErrInvalid)
	}
	var err error
	if b.Total, err = d.config.Computed.CountNow(ctx, id); err != nil {
		return b, fmt.Errorf("count what is computed: %w", err)
	}
	if b, err = d.config.Meta.AddBackfill(ctx, id, b); err != nil {
		return b, err
	}
	return b, d.Reload(ctx, id)
}

// CancelBackfill ends a backfill that runs. What it has in hand is not sent.
func (d *Deliver) CancelBackfill(ctx context.Context, id string, backfill int64) error {
	if err := d.config.Meta.CancelBackfill(ctx, id, backfill); err != nil {
		return err
	}
	return d.Reload(ctx, id)
}
