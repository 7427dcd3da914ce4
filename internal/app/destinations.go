package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/deliver"
	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/amplitude"
	"github.com/debrief-dev/debrief/internal/destination/clickhouse"
	custom "github.com/debrief-dev/debrief/internal/destination/function"
	"github.com/debrief-dev/debrief/internal/destination/mixpanel"
	"github.com/debrief-dev/debrief/internal/destination/objects"
	"github.com/debrief-dev/debrief/internal/destination/postgres"
	"github.com/debrief-dev/debrief/internal/destination/segment"
	"github.com/debrief-dev/debrief/internal/destination/slack"
	"github.com/debrief-dev/debrief/internal/destination/webhook"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
)

// destinationKinds are the kinds of places that calls are handed on to, in the order that they are shown in.
func (a *App) destinationKinds() []destination.Destination {
	return []destination.Destination{
		webhook.Destination{},
		segment.Destination{},
		mixpanel.Destination{},
		amplitude.Destination{},
		slack.Destination{},
		custom.Destination{Functions: a.functions},
		postgres.Destination{},
		clickhouse.Destination{},
		objects.Destination{Root: a.cfg.DestinationsFiles},
	}
}

// Names of what the data directory holds for destinations.
const (
	secretsName      = "secrets.key"
	destinationsName = "destinations"
	mainLog          = "main"    // the event log, in cursors
	emittedLog       = "emitted" // that of emitted calls
)

// openSecrets makes what seals settings of destinations and functions.
func (a *App) openSecrets() { a.secrets = secret.New(filepath.Join(a.cfg.Data, secretsName)) }

// openDeliver makes what hands calls on.
func (a *App) openDeliver(ctx context.Context, workspace metastore.Workspace, dir string) (err error) {
	policy, client := a.outgoing()
	a.deliver, err = deliver.New(ctx, deliver.Config{
		Workspace: workspace.ID, Meta: a.meta, Secrets: a.secrets, Kinds: a.destinationKinds(),
		Logs: []deliver.Log{{Name: mainLog, Log: a.log, Stored: true}, {Name: emittedLog, Log: a.emitted}}, Store: a.store, Computed: a.compute,
		Vocabularies: vocabularies(), Settings: mappingOf(a.meta), Plan: a.enforcers.of,
		BodyHash: func() func(string) string { return bodyHash(workspace) },
		Inserter: a.functions, Client: client, Dial: policy.Dial, Dir: filepath.Join(dir, destinationsName), Metrics: a.metrics, Logger: a.cfg.Log,
		KeepSize: int64(a.cfg.DestinationsKeep),
	})
	return err
}

// destinations are those of one workspace, in the words of the API.
type destinations struct {
	store     *metastore.Store
	workspace string
	deliver   *deliver.Deliver
}

var _ api.Destinations = destinations{}

// delivered translates errors of package deliver for the API.
func delivered(err error) error {
	if errors.Is(err, deliver.ErrInvalid) {
		return fmt.Errorf("%w: %w", api.ErrInvalid, err)
	}
	return translated(err)
}

// DestinationKinds returns the catalogue.
func (d destinations) DestinationKinds(context.Context) ([]api.DestinationKind, error) {
	var out []api.DestinationKind
	for _, k := range d.deliver.Kinds() {
		s := k.Spec()
		kind := api.DestinationKind{
			Name: s.Name, Title: s.Title, Doc: s.Doc, Website: s.Website, Types: deliver.Types(&s), Ordered: s.Ordered, Mapping: s.Mapping,
			Example: api.DestinationExample(s.Example),
		}
		for _, f := range s.Settings {
			kind.Settings = append(kind.Settings, api.DestinationSetting{
				Key: f.Key, Label: f.Label, Doc: f.Doc, Type: string(f.Type), Secret: f.Secret, Required: f.Required, Default: f.Default,
				Choices: f.Choices, Example: f.Example,
			})
		}
		out = append(out, kind)
	}
	return out, nil
}

// describe returns a destination with its health.
func (d destinations) describe(ctx context.Context, one metastore.Destination) (api.Destination, error) {
	out := api.Destination{
		ID: one.ID, Name: one.Name, Kind: one.Kind, Enabled: one.Enabled, Settings: map[string]string{}, SecretsSet: []string{},
		CreatedAt: one.CreatedAt, CreatedBy: one.CreatedBy, UpdatedAt: one.UpdatedAt,
	}
	if err := json.Unmarshal([]byte(one.Settings), &out.Settings); err != nil {
		return out, fmt.Errorf("read settings of destination %s: %w", one.ID, err)
	}
	if err := json.Unmarshal([]byte(one.Rules), &out.DestinationRules); err != nil {
		return out, fmt.Errorf("read rules of destination %s: %w", one.ID, err)
	}
	out.Functions = append([]string{}, out.Functions...)
	// Secrets that cannot be opened are none; why stands in the health.
	if all, _, err := d.deliver.Settings(one); err == nil {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if _, plain := out.Settings[key]; !plain && all[key] != "" {
				out.SecretsSet = append(out.SecretsSet, key)
			}
		}
	}
	s, err := d.deliver.Status(ctx, one)
	out.Health = healthOf(&s)
	return out, err
}

func healthOf(s *deliver.Status) api.DestinationHealth {
	ms := func(t time.Duration) float64 { return float64(t.Microseconds()) / 1000 }
	return api.DestinationHealth{
		State: s.State, Problem: s.Problem, Waiting: s.Waiting, Dead: s.Dead, Lost: s.Lost, LostAt: timeOrNil(s.LostAt), InHand: s.InHand, CatchingUp: s.CatchingUp,
		OldestAt: timeOrNil(s.Oldest), NextTryAt: timeOrNil(s.NextTry), LastAt: timeOrNil(s.LastDelivery),
		LatencyP50: ms(s.LatencyP50), LatencyP95: ms(s.LatencyP95), SendP50: ms(s.SendP50), SendP95: ms(s.SendP95),
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Destinations returns all.
func (d destinations) Destinations(ctx context.Context) ([]api.Destination, error) {
	all, err := d.store.Destinations(ctx, d.workspace)
	if err != nil {
		return nil, err
	}
	out := make([]api.Destination, len(all))
	for i := range all {
		if out[i], err = d.describe(ctx, all[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Destination returns one.
func (d destinations) Destination(ctx context.Context, id string) (api.Destination, error) {
	one, err := d.store.Destination(ctx, d.workspace, id)
	if err != nil {
		return api.Destination{}, translated(err)
	}
	return d.describe(ctx, one)
}

// rulesOf translates rules; both are the same JSON.
func rulesOf(r api.DestinationRules) (deliver.Rules, error) {
	var out deliver.Rules
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return out, fmt.Errorf("translate rules: %w", err)
	}
	if string(out.Mapping) == "null" {
		out.Mapping = nil
	}
	return out, nil
}

// CreateDestination adds one.
func (d destinations) CreateDestination(ctx context.Context, n api.NewDestination) (api.Destination, error) {
	rules, err := rulesOf(n.DestinationRules)
	if err != nil {
		return api.Destination{}, err
	}
	draft := deliver.Draft{Name: n.Name, Kind: n.Kind, Enabled: n.Enabled == nil || *n.Enabled, Settings: n.Settings, Rules: rules}
	one, err := d.deliver.Create(ctx, draft, by(ctx))
	if err != nil {
		return api.Destination{}, delivered(err)
	}
	return d.describe(ctx, one)
}

// UpdateDestination changes one.
func (d destinations) UpdateDestination(ctx context.Context, id string, c api.DestinationChange) (api.Destination, error) {
	one, err := d.store.Destination(ctx, d.workspace, id)
	if err != nil {
		return api.Destination{}, translated(err)
	}
	if onlyEnabled := (api.DestinationChange{Enabled: c.Enabled}); c.Enabled != nil && equalJSON(c, onlyEnabled) {
		if one, err = d.deliver.Enable(ctx, id, *c.Enabled); err != nil {
			return api.Destination{}, delivered(err)
		}
		return d.describe(ctx, one)
	}
	now, err := d.describe(ctx, one)
	if err != nil {
		return api.Destination{}, err
	}
	change(&now.Name, c.Name)
	change(&now.Enabled, c.Enabled)
	change(&now.Settings, c.Settings)
	change(&now.Filter, c.Filter)
	change(&now.Functions, c.Functions)
	change(&now.RetryHours, c.RetryHours)
	if c.Mapping != nil {
		now.Mapping = c.Mapping
	}
	rules, err := rulesOf(now.DestinationRules)
	if err != nil {
		return api.Destination{}, err
	}
	one, err = d.deliver.Update(ctx, id, deliver.Draft{Name: now.Name, Enabled: now.Enabled, Settings: now.Settings, Rules: rules})
	if err != nil {
		return api.Destination{}, delivered(err)
	}
	return d.describe(ctx, one)
}

func change[T any](v, to *T) {
	if to != nil {
		*v = *to
	}
}

func equalJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// DeleteDestination removes one.
func (d destinations) DeleteDestination(ctx context.Context, id string) error {
	return delivered(d.deliver.Delete(ctx, id))
}

// TestDestination asks the place.
func (d destinations) TestDestination(ctx context.Context, id string) (api.DestinationTest, error) {
	return tested(d.deliver.Test(ctx, id))
}

func tested(err error) (api.DestinationTest, error) {
	var failed *deliver.TestError
	switch {
	case errors.As(err, &failed):
		return api.DestinationTest{Message: failed.Reason}, nil
	case err != nil:
		return api.DestinationTest{}, delivered(err)
	}
	return api.DestinationTest{OK: true}, nil
}

// exists returns ErrNotFound unless the destination exists.
func (d destinations) exists(ctx context.Context, id string) error {
	_, err := d.store.Destination(ctx, d.workspace, id)
	return translated(err)
}

// Deliveries returns what became of calls.
func (d destinations) Deliveries(ctx context.Context, id string, since time.Time) (api.Deliveries, error) {
	var out api.Deliveries
	if err := d.exists(ctx, id); err != nil {
		return out, err
	}
	counts, err := d.store.DeliveryCounts(ctx, id, since.Truncate(time.Hour))
	at := map[[2]string]int{}
	for _, c := range counts {
		total := api.DeliveryTotal{Step: c.Step, Code: c.Code, Count: c.N}
		out.Hours = append(out.Hours, api.DeliveryHour{At: c.Hour, DeliveryTotal: total})
		i, ok := at[[2]string{c.Step, c.Code}]
		if !ok {
			at[[2]string{c.Step, c.Code}] = len(out.Totals)
			out.Totals = append(out.Totals, total)
			continue
		}
		out.Totals[i].Count += c.N
	}
	return out, err
}

// DeliveryErrors returns the newest failed attempts.
func (d destinations) DeliveryErrors(ctx context.Context, id string) ([]api.DeliveryError, error) {
	one, err := d.store.Destination(ctx, d.workspace, id)
	if err != nil {
		return nil, translated(err)
	}
	s, err := d.deliver.Status(ctx, one)
	out := make([]api.DeliveryError, len(s.Failures))
	for i, f := range s.Failures {
		out[i] = api.DeliveryError(f)
	}
	return out, err
}

// DeadLetters returns a page.
func (d destinations) DeadLetters(ctx context.Context, id string, q api.DeadLetterQuestion) (api.DeadLetters, error) {
	var out api.DeadLetters
	if err := d.exists(ctx, id); err != nil {
		return out, err
	}
	before := int64(0)
	if q.After != "" {
		var err error
		if before, err = strconv.ParseInt(q.After, 10, 64); err != nil || before < 1 {
			return out, fmt.Errorf("%w: after is no cursor of a page", api.ErrInvalid)
		}
	}
	calls, total, err := d.store.DeadCalls(ctx, id, q.Code, before, q.Limit)
	if err != nil {
		return out, err
	}
	out.Total = total
	for i := range calls {
		c := &calls[i]
		out.DeadLetters = append(out.DeadLetters, api.DeadLetter{
			ID: strconv.FormatInt(c.ID, 10), EventID: c.EventID, Type: c.Type, Event: c.Event, Code: c.Code, Reason: c.Reason, Attempts: c.Attempts, GivenUpAt: c.NextAt,
		})
	}
	if len(calls) == q.Limit {
		out.Next = &out.DeadLetters[len(calls)-1].ID
	}
	return out, nil
}

// ReplayDeadLetters lets some be sent again.
func (d destinations) ReplayDeadLetters(ctx context.Context, id string, s api.DeadLetterSelection) (int64, error) {
	var ids []int64
	for _, text := range s.IDs {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %q is no id of a dead letter", api.ErrInvalid, text)
		}
		ids = append(ids, n)
	}
	n, err := d.deliver.ReplayDead(ctx, id, s.Code, ids)
	return n, delivered(err)
}

func backfillOf(b metastore.Backfill) api.Backfill {
	return api.Backfill{
		ID: strconv.FormatInt(b.ID, 10), Computed: b.Computed, From: b.Since, Until: b.Until, State: b.State, Total: b.Total, Done: b.Done,
		CreatedAt: b.CreatedAt, CreatedBy: b.CreatedBy, FinishedAt: timeOrNil(b.FinishedAt),
	}
}

// Backfills returns those of a destination.
func (d destinations) Backfills(ctx context.Context, id string) ([]api.Backfill, error) {
	if err := d.exists(ctx, id); err != nil {
		return nil, err
	}
	all, err := d.store.Backfills(ctx, id)
	out := make([]api.Backfill, len(all))
	for i, b := range all {
		out[i] = backfillOf(b)
	}
	return out, err
}

// Backfill begins one.
func (d destinations) Backfill(ctx context.Context, id string, from, until time.Time) (api.Backfill, error) {
	b, err := d.deliver.Backfill(ctx, id, from, until, by(ctx))
	return backfillOf(b), delivered(err)
}

// BackfillComputed begins one of what is computed.
func (d destinations) BackfillComputed(ctx context.Context, id string) (api.Backfill, error) {
	b, err := d.deliver.BackfillComputed(ctx, id, by(ctx))
	return backfillOf(b), delivered(err)
}

// CancelBackfill ends one.
func (d destinations) CancelBackfill(ctx context.Context, id, backfill string) error {
	if err := d.exists(ctx, id); err != nil {
		return err
	}
	n, err := strconv.ParseInt(backfill, 10, 64)
	if err != nil {
		return fmt.Errorf("backfill %q: %w", backfill, api.ErrNotFound)
	}
	return delivered(d.deliver.CancelBackfill(ctx, id, n))
}
