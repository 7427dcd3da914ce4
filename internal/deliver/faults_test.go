package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/webhook"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// receiver is a real HTTP server that may fail; it remembers first arrivals by person.
type receiver struct {
	mu     sync.Mutex
	fault  func(n int, w http.ResponseWriter, r *http.Request) bool // true: it has answered
	n      int
	seen   map[string]bool
	people map[string][]string
}

// ServeHTTP implements http.Handler.
func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	v.mu.Lock()
	v.n++
	n, fault := v.n, v.fault
	v.mu.Unlock()
	if fault != nil && fault(n, w, r) {
		return
	}
	calls := []struct{ MessageID, UserID string }{{}}
	if err := json.Unmarshal(body, &calls); err != nil && json.Unmarshal(body, &calls[0]) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range calls {
		if !v.seen[c.MessageID] {
			v.seen[c.MessageID] = true
			v.people[c.UserID] = append(v.people[c.UserID], c.MessageID)
		}
	}
}

func (v *receiver) mend() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault = nil
}

func (v *receiver) got() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}

// Real receivers that fail in the ways of real places, side by side with one that does not: that one has everything
// while the others still fail, and once they are mended they have it too, each person's calls in their order.
func TestFaultyReceiversHoldBackNobodyAndGetEverything(t *testing.T) {
	release := make(chan struct{})
	faults := map[string]func(n int, w http.ResponseWriter, r *http.Request) bool{
		"good": nil,
		"dead": nil, // its port is shut until it is mended
		"500": func(n int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		},
		"sometimes": func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n%3 == 0 {
				w.WriteHeader(http.StatusBadGateway)
			}
			return n%3 == 0
		},
		"429": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		},
		"hangs": func(_ int, w http.ResponseWriter, r *http.Request) bool {
			select {
			case <-r.Context().Done():
			case <-release:
			}
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		},
		"endless": func(_ int, w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			line := []byte(strings.Repeat("x", 1<<16))
			for r.Context().Err() == nil {
				if _, err := w.Write(line); err != nil {
					break
				}
			}
			return true
		},
		"cut": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			panic(http.ErrAbortHandler)
		},
		"unauthorized": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		},
	}
	log, d := faultyServer(t)
	receivers := map[string]*receiver{}
	mended := map[string]func(){}
	for name, fault := range faults {
		v := &receiver{fault: fault, seen: map[string]bool{}, people: map[string][]string{}}
		server := httptest.NewUnstartedServer(v)
		address := server.Listener.Addr().String()
		mended[name] = v.mend
		if name == "dead" {
			_ = server.Listener.Close()
			mended[name] = func() {
				listener, err := net.Listen("tcp", address)
				if err != nil {
					t.Errorf("listen again: %v", err)
					return
				}
				server.Listener = listener
				server.Start()
			}
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		receivers[name] = v
		size := "1"
		if len(name)%2 == 0 {
			size = "20"
		}
		if _, err := d.Create(t.Context(), Draft{Name: name, Kind: "webhook", Enabled: true, Settings: destination.Settings{"url": "http://" + address, "batch_size": size}}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	const calls = 600
	people := map[string][]string{}
	for n := range calls / 10 {
		request := event.Request{Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Now()}
		for i := range 10 {
			id, person := fmt.Sprintf("event-%08d-%08d", n, i), fmt.Sprint("person ", (n*10+i)%7)
			people[person] = append(people[person], id)
			request.Calls = append(request.Calls, raw(id, "track", map[string]any{"event": "Message Sent", "userId": person}))
		}
		if _, err := log.Append(t.Context(), event.AppendRequest(nil, &request)); err != nil {
			t.Fatal(err)
		}
	}
	await := func(name string) {
		t.Helper()
		for deadline := time.Now().Add(60 * time.Second); receivers[name].got() < calls; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s got %d of %d calls", name, receivers[name].got(), calls)
			}
		}
	}
	begin := time.Now()
	await("good")
	t.Logf("good has everything after %v", time.Since(begin).Round(time.Millisecond))
	for name := range faults {
		if n := receivers[name].got(); name != "good" && name != "sometimes" && n > 0 {
			t.Errorf("%s got %d calls while it failed", name, n)
		}
	}
	close(release)
	for _, mend := range mended {
		if mend != nil {
			mend()
		}
	}
	for name := range faults {
		begin := time.Now()
		await(name)
		t.Logf("%s has everything %v later", name, time.Since(begin).Round(time.Millisecond))
		for person, want := range people {
			if got := receivers[name].people[person]; !slices.Equal(got, want) {
				t.Errorf("%s: calls of %s came in the order\n%q, want\n%q", name, person, got, want)
			}
		}
	}
	all, err := d.config.Meta.Destinations(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if s, err := d.Status(t.Context(), one); err != nil || s.Dead != 0 {
			t.Errorf("%s: %d calls were given up, %v", one.Name, s.Dead, err)
		}
	}
}

// faultyServer is deliveries with short waits, so that the test is.
func faultyServer(t *testing.T) (*memlog.Log, *Deliver) {
	t.Helper()
	dir := t.TempDir()
	meta, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(dir, "debrief.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	log := memlog.New(0)
	client := &http.Client{Timeout: 500 * time.Millisecond, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	d, err := New(t.Context(), Config{
		Workspace: metastore.DefaultWorkspace, Meta: meta, Secrets: secret.New(filepath.Join(dir, "key")), Kinds: []destination.Destination{webhook.Destination{}},
		Logs: []Log{{Name: "main", Log: log, Stored: true}}, Vocabularies: []vocab.Vocabulary{segment.Vocabulary{}}, Client: client,
		Backoff: 20 * time.Millisecond, MaxBackoff: 200 * time.Millisecond, Checkpoint: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = meta.Close()
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		runs := d.running != nil
		d.mu.Unlock()
		if runs {
			return log, d
		}
		if time.Now().After(deadline) {
			t.Fatal("deliveries do not begin")
		}
	}
}
