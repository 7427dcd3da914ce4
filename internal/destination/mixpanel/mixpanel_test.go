package mixpanel

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

const token = "0123456789abcdef0123456789abcdef"

// project is a server that takes what Mixpanel's documentation says it takes, and knows event ids by their
// hashes.
type project struct {
	t      *testing.T
	limit  int // bytes of a request
	ids    map[string]string
	mu     sync.Mutex
	events []map[string]any // stored, by their first arrival
	seen   map[string]bool
	forms  []string // "path event or id"
	paths  []string // of requests
}

func newProject(t *testing.T) *project {
	p := &project{t: t, limit: 2 << 20, ids: map[string]string{}, seen: map[string]bool{}}
	for n := range 2000 {
		id := fmt.Sprintf("evt-%06d", n)
		p.ids[insertID(id)] = id
	}
	return p
}

var insertForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,36}$`)

// ServeHTTP implements http.Handler.
func (p *project) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, _, _ := r.BasicAuth(); user != token && user != "account" {
		http.Error(w, `{"code":401,"error":"invalid credentials","status":"Unauthorized"}`, http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if len(body) > p.limit {
		http.Error(w, `{"code":413}`, http.StatusRequestEntityTooLarge)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, r.URL.Path)
	if r.URL.Path == "/import" {
		p.imported(w, body)
		return
	}
	if r.URL.Query().Get("strict") != "1" || r.URL.Query().Get("ip") != "0" {
		p.t.Errorf("%s is asked for as %s", r.URL.Path, r.URL.RawQuery)
	}
	p.form(w, r.URL.Path, body)
}

type failure struct {
	Index   int    `json:"index"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (p *project) imported(w http.ResponseWriter, body []byte) {
	var events []struct {
		Event      string
		Properties map[string]any
	}
	if err := json.Unmarshal(body, &events); err != nil || len(events) > 2000 {
		p.t.Errorf("import of %d events: %v", len(events), err)
	}
	failed := []failure{}
	for i, e := range events {
		id, _ := e.Properties["$insert_id"].(string)
		at, _ := e.Properties["time"].(float64)
		if !insertForm.MatchString(id) || at < 1.5e12 || len(e.Properties) >= 255 {
			p.t.Errorf("event %d has key %q, time %v and %d properties", i, id, at, len(e.Properties))
		}
		if e.Event == "refuse me" {
			failed = append(failed, failure{i, "properties.time", "must not be in the future"})
			continue
		}
		if !p.seen[id] {
			p.seen[id] = true
			e.Properties["event"] = e.Event
			p.events = append(p.events, e.Properties)
		}
	}
	if len(failed) > 0 {
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"code": 200, "num_records_imported": len(events) - len(failed), "failed_records": failed})
}

// form takes records, or none of them if there is one that it refuses.
func (p *project) form(w http.ResponseWriter, path string, body []byte) {
	values, err := url.ParseQuery(string(body))
	var data []map[string]any
	if err != nil || json.Unmarshal([]byte(values.Get("data")), &data) != nil || len(data) == 0 || len(data) > 2000 {
		p.t.Errorf("%s got no form with data: %s", path, body)
		return
	}
	var forms []string
	failed := []failure{}
	for i, record := range data {
		what := record["event"]
		if path == "/track" {
			if id, _ := record["properties"].(map[string]any)["$insert_id"].(string); !insertForm.MatchString(id) {
				p.t.Errorf("%v has key %q", what, id)
			}
		} else {
			what = fmt.Sprintf("%v %v set %v unset %v", record["$distinct_id"], record["$group_id"], record["$set"], record["$unset"])
		}
		if strings.Contains(fmt.Sprint(record), "refuse me") {
			failed = append(failed, failure{i, "$set", "is not taken"})
		}
		forms = append(forms, fmt.Sprint(path, " ", what))
	}
	if len(failed) > 0 {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"code": 400, "status": "Bad Request", "failed_records": failed})
		return
	}
	p.forms = append(p.forms, forms...)
	_, _ = io.WriteString(w, `{"status":1,"error":null}`)
}

func (p *project) arrived() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, e := range p.events {
		out = append(out, p.ids[e["$insert_id"].(string)])
	}
	return out
}

func TestLaws(t *testing.T) {
	for name, more := range map[string]destination.Settings{
		"token":           {},
		"service account": {"service_account": "account", "service_secret": "very secret", "project_id": "12"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
				p := newProject(t)
				return destinationtest.Place{
					Destination: Destination{}, Handler: p, Arrived: p.arrived, Once: true, Silent: []string{"identify", "group", "alias"},
					Settings: func(address string) destination.Settings {
						s := destination.Settings{"endpoint": "http://" + address, "token": token}
						for k, v := range more {
							s[k] = v
						}
						return s
					},
					Refused: func(m *destination.Message) {
						m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
					},
				}
			})
		})
	}
}

func open(t *testing.T, h http.Handler) destination.Sender {
	return destinationtest.Open(t, Destination{}, destination.Settings{"endpoint": destinationtest.Serve(t, h), "token": token})
}

func TestPeopleAndGroupsKeepTheirPlaceBetweenEvents(t *testing.T) {
	p := newProject(t)
	s := open(t, p)
	messages := []destination.Message{
		destinationtest.Track(1, "u"),
		destinationtest.Call(2, "identify", "u", map[string]any{"traits": map[string]any{"email": "a@b.c", "plan": "pro"}}),
		destinationtest.Call(3, "group", "u", map[string]any{"groupId": "g", "traits": map[string]any{"name": "Initech"}}),
		destinationtest.Call(4, "alias", "u", map[string]any{"previousId": "old"}),
		destinationtest.Call(5, "page", "u", map[string]any{"name": "Home", "context": map[string]any{"page": map[string]any{"url": "https://x.y/z"}}}),
	}
	for i, r := range s.Send(t.Context(), messages) {
		if r.Err != nil {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	want := []string{"/track $identify", "/engage u <nil> set map[$email:a@b.c plan:pro] unset <nil>", "/groups <nil> g set map[$name:Initech] unset <nil>", "/track $create_alias"}
	if !slices.Equal(p.forms, want) {
		t.Errorf("got %q, want %q", p.forms, want)
	}
	if len(p.events) != 2 || p.events[0]["event"] != "Stock Purchased" || p.events[0]["conversationId"] != "c-u" || p.events[0]["distinct_id"] != "u" ||
		p.events[1]["event"] != "Viewed Home" || p.events[1]["$current_url"] != "https://x.y/z" {
		t.Errorf("events %v", p.events)
	}
}

// A batch of identify calls is as many requests as one of them, whoever else's calls stand between.
func TestABatchOfPeopleIsFewRequests(t *testing.T) {
	f := func(name string, want []string, call func(n int) destination.Message) {
		t.Helper()
		p := newProject(t)
		var messages []destination.Message
		for n := range 1500 {
			messages = append(messages, call(n))
		}
		destinationtest.Deliver(t, open(t, p), messages...)
		if !slices.Equal(p.paths, want) {
			t.Errorf("%s: %d requests, %.200q; want %q", name, len(p.paths), p.paths, want)
		}
	}
	traits := func(n int) map[string]any { return map[string]any{"traits": map[string]any{"n": n}} }
	f("people", []string{"/track", "/engage"}, func(n int) destination.Message {
		return destinationtest.Call(n, "identify", fmt.Sprint("u-", n), traits(n))
	})
	f("one person again and again", []string{"/track", "/engage"}, func(n int) destination.Message { return destinationtest.Call(n, "identify", "u", traits(n)) })
	f("people and what they do", []string{"/import", "/track", "/engage"}, func(n int) destination.Message {
		if n%2 == 0 {
			return destinationtest.Track(n, fmt.Sprint("u-", n))
		}
		return destinationtest.Call(n, "identify", fmt.Sprint("u-", n), traits(n))
	})
	f("what people do, and their names after", []string{"/import", "/track", "/engage"}, func(n int) destination.Message {
		if n%2 == 0 {
			return destinationtest.Track(n, fmt.Sprint("u-", n))
		}
		return destinationtest.Call(n, "identify", fmt.Sprint("u-", n-1), traits(n))
	})
	f("aliases", []string{"/track"}, func(n int) destination.Message {
		return destinationtest.Call(n, "alias", fmt.Sprint("u-", n), map[string]any{"previousId": fmt.Sprint("old-", n)})
	})
	f("groups, two updates each", []string{"/groups", "/groups"}, func(n int) destination.Message {
		return destinationtest.Call(n, "group", fmt.Sprint("u-", n), map[string]any{"groupId": fmt.Sprint("g-", n), "traits": map[string]any{"n": n, "old": nil}})
	})
}

// Whatever the calls of a batch, the requests have everybody's in their order.
func TestEverybodysOrderIsKept(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	p := newPlan()
	s := &sender{token: token, groupKey: "company"}
	ids := make([][]string, 300)
	for n := range ids {
		person := fmt.Sprint("u-", r.IntN(5))
		kind := []string{"track", "identify", "group", "alias"}[r.IntN(4)]
		m := destinationtest.Call(n, kind, person, map[string]any{"anonymousId": fmt.Sprint("a-", r.IntN(8)), "groupId": "g", "previousId": fmt.Sprint("u-", r.IntN(5)), "event": "Asked"})
		c, err := m.ReadCall()
		if err == nil {
			err = s.lay(p, n, c)
		}
		if err != nil {
			t.Fatal(err)
		}
		ids[n] = []string{c.UserID, c.AnonymousID}
	}
	latest := map[string]int{}
	for _, request := range p.requests {
		for _, n := range request.of {
			for _, id := range ids[n] {
				if latest[id] > n {
					t.Fatalf("seed %d: message %d of %s goes after message %d", seed, n, id, latest[id])
				}
				latest[id] = n
			}
		}
	}
}

func TestRefusedUpdatesAreNamedAndTheOthersStored(t *testing.T) {
	p := newProject(t)
	messages := []destination.Message{
		destinationtest.Call(1, "identify", "u-1", map[string]any{"traits": map[string]any{"plan": "pro"}}),
		destinationtest.Call(2, "identify", "u-2", map[string]any{"traits": map[string]any{"plan": "refuse me"}}),
		destinationtest.Call(3, "identify", "u-3", map[string]any{"traits": map[string]any{"plan": "free"}}),
		destinationtest.Track(4, "u-2"),
	}
	want := []string{"<nil>", "invalid_event: $set: is not taken", "<nil>", "<nil>"}
	for i, r := range open(t, p).Send(t.Context(), messages) {
		if got := fmt.Sprint(r.Err); got != want[i] {
			t.Errorf("message %d: got %s, want %s", i, got, want[i])
		}
	}
	forms := []string{"/track $identify", "/track $identify", "/track $identify", "/engage u-1 <nil> set map[plan:pro] unset <nil>", "/engage u-3 <nil> set map[plan:free] unset <nil>"}
	if !slices.Equal(p.forms, forms) || !slices.Equal(p.arrived(), []string{"evt-000004"}) {
		t.Errorf("got %q and %q", p.forms, p.arrived())
	}
}

func TestATraitThatIsNullIsUnset(t *testing.T) {
	p := newProject(t)
	destinationtest.Deliver(t, open(t, p),
		destinationtest.Call(1, "identify", "u", map[string]any{"traits": map[string]any{"email": nil, "plan": "pro", "shown": nil}}),
		destinationtest.Call(2, "identify", "u", map[string]any{"traits": map[string]any{"created_at": nil, "createdAt": "2026-01-01", "shown": nil}}),
		destinationtest.Call(3, "identify", "u", map[string]any{"traits": map[string]any{"plan": nil}}),
		destinationtest.Call(4, "group", "u", map[string]any{"groupId": "g", "traits": map[string]any{"name": nil}}))
	want := []string{
		"/track $identify", "/engage u <nil> set map[plan:pro] unset <nil>", "/engage u <nil> set <nil> unset [$email shown]",
		"/engage u <nil> set map[$created:2026-01-01] unset <nil>", "/engage u <nil> set <nil> unset [shown]",
		"/engage u <nil> set <nil> unset [plan]", "/groups <nil> g set <nil> unset [$name]",
	}
	if !slices.Equal(p.forms, want) {
		t.Errorf("got %q, want %q", p.forms, want)
	}
}

// What says 200 and takes nothing has taken nothing.
func TestARefusalWithinASuccessIsRead(t *testing.T) {
	for _, answer := range []string{"0", `{"status":0,"error":"no token"}`} {
		s := open(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		for i, r := range s.Send(t.Context(), []destination.Message{destinationtest.Call(1, "identify", "u", nil), destinationtest.Call(2, "identify", "v", nil)}) {
			if r.Err == nil || r.Again() {
				t.Errorf("%s: message %d: %v", answer, i, r.Err)
			}
		}
	}
}

// What follows a message that is to be tried again is not sent, or it would arrive before it.
func TestAFailureHoldsBackWhatFollows(t *testing.T) {
	p := newProject(t)
	s := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/engage" {
			http.Error(w, "busy", http.StatusInternalServerError)
			return
		}
		p.ServeHTTP(w, r)
	}))
	messages := []destination.Message{destinationtest.Track(1, "u"), destinationtest.Call(2, "identify", "u", nil), destinationtest.Track(3, "u"),
		destinationtest.Call(4, "group", "u", map[string]any{"groupId": "g"})}
	results := s.Send(t.Context(), messages)
	for i, r := range results {
		if (r.Err == nil) != (i == 0) {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	if got := p.arrived(); !slices.Equal(got, []string{"evt-000001"}) || len(p.forms) != 1 {
		t.Errorf("arrived %q, forms %q", got, p.forms)
	}
}

func TestTooLargeRequestsAreHalved(t *testing.T) {
	p := newProject(t)
	p.limit = 2000
	s := open(t, p)
	var messages []destination.Message
	for n := range 40 {
		messages = append(messages, destinationtest.Track(n, "u"))
	}
	messages[7] = destinationtest.Call(7, "track", "u", map[string]any{"event": "Large", "properties": map[string]any{"x": strings.Repeat("x", 3000)}})
	for i, r := range s.Send(t.Context(), messages) {
		if (r.Err != nil) != (i == 7) {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	if got := p.arrived(); len(got) != 39 {
		t.Errorf("%d arrived", len(got))
	}
}

// The second half of what was too large does not go when the first one has to wait.
func TestAHalfThatFailsHoldsBackTheOther(t *testing.T) {
	p := newProject(t)
	p.limit = 2000
	busy := 0
	s := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(p.arrived()) > 0 && busy == 0 { // the one behind the first that was taken
			busy++
			http.Error(w, "busy", http.StatusInternalServerError)
			return
		}
		p.ServeHTTP(w, r)
	}))
	var messages []destination.Message
	for n := range 20 {
		messages = append(messages, destinationtest.Track(n, "u"))
	}
	delivered := 0
	for i, r := range s.Send(t.Context(), messages) {
		if r.Err == nil && delivered != i {
			t.Errorf("message %d is delivered, one before it is not", i)
		}
		if r.Err == nil {
			delivered++
		}
	}
	if got := p.arrived(); delivered == 0 || delivered == 20 || len(got) != delivered {
		t.Errorf("%d arrived, %d delivered", len(got), delivered)
	}
}

func TestManyPropertiesAreCut(t *testing.T) {
	p := newProject(t)
	properties := map[string]any{}
	for n := range 400 {
		properties[fmt.Sprint("p", n)] = n
	}
	if r := open(t, p).Send(t.Context(), []destination.Message{destinationtest.Call(1, "track", "u", map[string]any{"event": "Many", "properties": properties})}); r[0].Err != nil {
		t.Error(r[0].Err)
	}
}
