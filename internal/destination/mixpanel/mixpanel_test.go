package mixpanel

import (
	"encoding/json"
	"fmt"
	"io"
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
	if r.URL.Path == "/import" {
		p.imported(w, body)
		return
	}
	p.form(w, r.URL.Path, body)
}

func (p *project) imported(w http.ResponseWriter, body []byte) {
	var events []struct {
		Event      string
		Properties map[string]any
	}
	if err := json.Unmarshal(body, &events); err != nil || len(events) > 2000 {
		p.t.Errorf("import of %d events: %v", len(events), err)
	}
	type failure struct {
		Index   int    `json:"index"`
		Field   string `json:"field"`
		Message string `json:"message"`
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

func (p *project) form(w http.ResponseWriter, path string, body []byte) {
	values, err := url.ParseQuery(string(body))
	var data []map[string]any
	if err != nil || json.Unmarshal([]byte(values.Get("data")), &data) != nil || len(data) != 1 {
		p.t.Errorf("%s got no form with data: %s", path, body)
		return
	}
	what := data[0]["event"]
	if what == nil {
		what = fmt.Sprintf("%v %v %v", data[0]["$distinct_id"], data[0]["$group_id"], data[0]["$set"])
	}
	p.forms = append(p.forms, fmt.Sprint(path, " ", what))
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
	want := []string{"/track $identify", "/engage u <nil> map[$email:a@b.c plan:pro]", "/groups <nil> g map[$name:Initech]", "/track $create_alias"}
	if !slices.Equal(p.forms, want) {
		t.Errorf("got %q, want %q", p.forms, want)
	}
	if len(p.events) != 2 || p.events[0]["event"] != "Stock Purchased" || p.events[0]["conversationId"] != "c-u" || p.events[0]["distinct_id"] != "u" ||
		p.events[1]["event"] != "Viewed Home" || p.events[1]["$current_url"] != "https://x.y/z" {
		t.Errorf("events %v", p.events)
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
