package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// rig is deliveries between a log in memory and places in memory, inside a bubble of package synctest.
type rig struct {
	t      *testing.T
	log    *memlog.Log
	store  *memstore.Store
	meta   *metastore.Store
	config Config
	*Deliver
	stop func()
	n    int // calls logged
}

// bubble runs a test with a rig whose deliveries run.
func bubble(t *testing.T, places []*place, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, places...)
		r.start()
		defer func() { r.stop(); _ = r.meta.Close() }()
		f(t, r)
	})
}

func newRig(t *testing.T, places ...*place) *rig {
	t.Helper()
	dir := t.TempDir()
	meta, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(dir, "debrief.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, log: memlog.New(0), store: memstore.New(), meta: meta}
	r.config = Config{
		Workspace: metastore.DefaultWorkspace, Meta: meta, Secrets: secret.New(filepath.Join(dir, "secrets.key")), Store: r.store,
		Logs: []Log{{Name: "main", Log: r.log, Stored: true}}, Vocabularies: []vocab.Vocabulary{segment.Vocabulary{}},
		Client: http.DefaultClient,
	}
	for _, p := range places {
		r.config.Kinds = append(r.config.Kinds, p)
	}
	return r
}

// start begins deliveries; r.stop ends them, as a shutdown does.
func (r *rig) start() {
	r.t.Helper()
	d, err := New(r.t.Context(), r.config)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	r.Deliver = d
	synctest.Wait()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	}
}

// add sets up a destination of a place.
func (r *rig) add(p *place, rules Rules) string {
	r.t.Helper()
	one, err := r.Create(r.t.Context(), Draft{Name: p.name, Kind: p.name, Enabled: true, Rules: rules, Settings: destination.Settings{"key": "s3cret-key"}}, "test")
	if err != nil {
		r.t.Fatal(err)
	}
	return one.ID
}

// track logs a request with one track call of each person, and returns the event ids.
func (r *rig) track(people ...string) []string {
	r.t.Helper()
	var ids []string
	request := event.Request{Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Now()}
	for _, person := range people {
		r.n++
		id := fmt.Sprintf("event-%012d", r.n)
		ids = append(ids, id)
		request.Calls = append(request.Calls, raw(id, "track", map[string]any{"event": "Message Sent", "userId": person, "properties": map[string]any{"n": r.n}}))
	}
	r.append(request)
	return ids
}

func (r *rig) append(request event.Request) eventlog.Position {
	r.t.Helper()
	position, err := r.log.Append(r.t.Context(), event.AppendRequest(nil, &request))
	if err != nil {
		r.t.Fatal(err)
	}
	return position
}

func raw(id, kind string, fields map[string]any) event.Raw {
	fields["messageId"], fields["type"] = id, kind
	if _, ok := fields["timestamp"]; !ok {
		fields["timestamp"] = time.Now().UTC().Format(timeForm)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return event.Raw{ID: id, Type: kind, JSON: text}
}

// file stores what the log holds, as the pipeline does.
func (r *rig) file() {
	r.t.Helper()
	mapper := vocab.NewMapper(nil, segment.Vocabulary{})
	reader := r.log.Reader(0)
	batch := &eventstore.Batch{}
	for {
		rec, ok, err := reader.TryNext()
		if err != nil || !ok {
			break
		}
		request, err := event.DecodeRequest(slices.Clone(rec.Data))
		if err != nil {
			r.t.Fatal(err)
		}
		for i := range request.Calls {
			row := new(event.Event)
			if err := mapper.Map(vocab.Input{Request: &request, Seq: int64(rec.Position), Index: int64(i), Raw: &request.Calls[i]}, row); err != nil {
				r.t.Fatal(err)
			}
			batch.Puts = append(batch.Puts, row)
		}
	}
	if _, err := r.store.Write(r.t.Context(), batch); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) status(id string) Status {
	r.t.Helper()
	one, err := r.meta.Destination(r.t.Context(), "default", id)
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := r.Status(r.t.Context(), one)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// counts are what is stored of a destination's steps.
func (r *rig) counts(id string) map[string]int64 {
	r.t.Helper()
	all, err := r.meta.DeliveryCounts(r.t.Context(), id, time.Time{})
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]int64{}
	for _, c := range all {
		key := c.Step
		if c.Code != "" {
			key += " " + c.Code
		}
		out[key] += c.N
	}
	return out
}

func (r *rig) wantCounts(id string, want map[string]int64) {
	r.t.Helper()
	if got := r.counts(id); !maps.Equal(got, want) {
		r.t.Errorf("counts are %v, want %v", got, want)
	}
}

// place is a kind of destination in memory that does as it is told.
type place struct {
	name    string
	ordered bool
	batch   destination.Batch
	mapping json.RawMessage

	mu      sync.Mutex
	answer  func(m *destination.Message) destination.Result // nil: delivered
	arrived []string
	people  map[string][]string // first arrivals, by person
	got     []destination.Message
	sends   []time.Time
}

func newPlace(name string) *place {
	return &place{name: name, ordered: true, people: map[string][]string{}}
}

// says sets what the place answers from now on.
func (p *place) says(answer func(m *destination.Message) destination.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// down answers as a place that cannot be reached.
func down(*destination.Message) destination.Result {
	return destination.Result{Err: fmt.Errorf("no answer: %w", destination.ErrUnavailable)}
}

func (p *place) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.arrived)
}

// messages are those that were delivered.
func (p *place) messages() []destination.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

// times are when Send was called.
func (p *place) times() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sends)
}

// of are the first arrivals of a person.
func (p *place) of(person string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.people[person])
}

// want fails unless exactly these ids have arrived, in this order.
func (p *place) want(t *testing.T, ids ...string) {
	t.Helper()
	if got := p.seen(); !slices.Equal(got, ids) {
		t.Errorf("%s got %q, want %q", p.name, got, ids)
	}
}

// Spec implements destination.Destination.
func (p *place) Spec() destination.Spec {
	return destination.Spec{
		Name: p.name, Title: "Place " + p.name, Ordered: p.ordered, Mapping: p.mapping,
		Settings: []destination.Setting{{Key: "key", Label: "Key", Type: destination.Text, Secret: true, Required: true}},
	}
}

// Open implements destination.Destination.
func (p *place) Open(s destination.Settings, _ destination.Env) (destination.Sender, error) {
	if s["key"] == "bad" {
		return nil, &destination.InvalidSettings{Key: "key", Reason: "is bad"}
	}
	return p, nil
}

// Batch implements destination.Sender.
func (p *place) Batch() destination.Batch { return p.batch }

// Send implements destination.Sender. It keeps the order of a person: nothing follows what is tried again.
func (p *place) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sends = append(p.sends, time.Now())
	results := make([]destination.Result, len(messages))
	stopped := map[string]bool{}
	for i := range messages {
		m := &messages[i]
		person := m.Event.UserID + m.Event.AnonymousID
		if ctx.Err() != nil {
			results[i].Err = ctx.Err()
			continue
		}
		if p.ordered && stopped[person] {
			results[i].Err = errors.New("behind another")
			continue
		}
		if p.answer != nil {
			results[i] = p.answer(m)
		}
		if err := results[i].Err; err != nil {
			stopped[person] = !discarded(err)
			continue
		}
		p.got = append(p.got, *m)
		if !slices.Contains(p.arrived, m.ID) {
			p.people[person] = append(p.people[person], m.ID)
		}
		p.arrived = append(p.arrived, m.ID)
	}
	return results
}

// Test implements destination.Sender.
func (p *place) Test(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == nil {
		return nil
	}
	return p.answer(&destination.Message{}).Err
}

// Close implements destination.Sender.
func (*place) Close() error { return nil }
