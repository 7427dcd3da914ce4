package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type functionAnswer struct {
	ID, Name, Path    string
	Code              string
	Version, Deployed int
	Settings          []struct {
		Name  string
		Set   bool
		Value any
	}
}

// ask sends JSON to the API and reads the answer.
func (s *server) ask(method, path string, body, into any) int {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	status, answer := s.do(method, "/api/v1/"+path, string(text))
	if into != nil && status < 300 {
		if err := json.Unmarshal([]byte(answer), into); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	if status >= 300 {
		s.t.Logf("%s %s: %d %s", method, path, status, answer)
	}
	return status
}

const sourceCode = `async function onRequest(request, settings) {
  const text = await request.text()
  const want = crypto.createHmac('sha256', settings.secret).update(text).digest('hex')
  if (request.headers.get('X-Signature') !== want) throw new ValidationError('signature of ' + settings.secret + ' differs')
  const order = JSON.parse(text)
  if (order.later) throw new RetryError('later')
  Segment.track({ event: 'Order Paid', userId: order.user, messageId: 'order-' + order.id + '-0123456789', properties: { conversationId: 'c1', total: order.total } })
  console.log('paid', order.id)
}`

func TestSourceFunctionsAreADoor(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	var f functionAnswer
	status := s.ask(http.MethodPost, "functions", map[string]any{"name": "Orders", "kind": "source", "source": "default", "code": sourceCode,
		"settings": []any{map[string]any{"name": "secret", "type": "string", "required": true, "sensitive": true}}, "values": map[string]any{"secret": "top-secret-value"}}, &f)
	if status != http.StatusCreated || f.Path != "/v1/functions/"+f.ID || !f.Settings[0].Set || f.Settings[0].Value != nil {
		t.Fatalf("created: %d %+v", status, f)
	}
	send := func(body, signature string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.LocalURL()+f.Path+"?x=1", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Signature", signature)
		resp, text := s.send(req)
		return resp.StatusCode, text
	}
	const body, later = `{"id":7,"user":"ada","total":30}`, `{"later":true}`
	if status, text := send(body, ""); status != http.StatusServiceUnavailable || !strings.Contains(text, "not_deployed") {
		t.Errorf("before it is deployed: %d %s", status, text)
	}
	if status := s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{}, &f); status != http.StatusOK || f.Deployed != 1 {
		t.Fatalf("deploy: %d %+v", status, f)
	}
	f2 := func(body, signature string, want int, code string) {
		t.Helper()
		if status, text := send(body, signature); status != want || !strings.Contains(text, code) || strings.Contains(text, "differs") {
			t.Errorf("%s: got %d %s, want %d %s", body, status, text, want, code)
		}
	}
	f2(body, sign(body), http.StatusOK, `"success":true`)
	f2(body, "wrong", http.StatusBadRequest, "function_failed")
	f2(later, sign(later), http.StatusServiceUnavailable, "try_again")
	f2(strings.Repeat("x", 512<<10+1), "", http.StatusRequestEntityTooLarge, "payload_too_large")
	s.settle()
	var page struct {
		Events []struct {
			SourceEvent string `json:"source_event"`
			UserID      string `json:"user_id"`
		}
	}
	s.get("events", &page)
	if len(page.Events) != 1 || page.Events[0].SourceEvent != "Order Paid" || page.Events[0].UserID != "ada" {
		t.Errorf("events %+v", page.Events)
	}
	var logs struct {
		Logs []struct{ Error, Message, Console string }
	}
	s.until("the runs are logged", func() bool { s.get("functions/"+f.ID+"/logs", &logs); return len(logs.Logs) >= 3 })
	text := fmt.Sprint(logs)
	if !strings.Contains(text, "signature of *** differs") || !strings.Contains(text, "paid 7") || strings.Contains(text, "top-secret-value") {
		t.Errorf("logs %s", text)
	}
	s.stop()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("top-secret-value")) {
			t.Errorf("%s has the secret in clear", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	s = start(t, dir, nil)
	f2(body, sign(body), http.StatusOK, `"success":true`)
}

func sign(body string) string {
	h := hmac.New(sha256.New, []byte("top-secret-value"))
	h.Write([]byte(body))
	return hex.EncodeToString(h.Sum(nil))
}

func TestFunctionsAreVersionedTriedAndDeployed(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"plan":"pro"}`)) }))
	defer receiver.Close()
	s := start(t, t.TempDir(), func(c *Config) { c.FunctionNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	s.post(testKey, call("1", "Message Sent", `"x":1`), call("2", "Message Received", `"x":2`))
	s.settle()
	const first = `async function onTrack(event, settings) { event.properties.plan = (await (await fetch(settings.url)).json()).plan; return event }`
	var f functionAnswer
	change := map[string]any{"name": "Plan", "kind": "insert", "code": first,
		"settings": []any{map[string]any{"name": "url", "type": "string"}}, "values": map[string]any{"url": receiver.URL}}
	if status := s.ask(http.MethodPost, "functions", change, &f); status != http.StatusCreated {
		t.Fatal(status)
	}
	for _, bad := range []map[string]any{
		change, // the name is taken
		{"name": "x", "kind": "insert", "code": "function onTrack( {"},
		{"name": "x", "kind": "insert", "code": "function onRequest() {}"},
		{"name": "x", "kind": "source", "code": "function onRequest() {}"},
		{"name": "x", "kind": "insert", "code": first, "settings": []any{map[string]any{"name": "a b", "type": "string"}}},
		{"name": "x", "kind": "insert", "code": first, "values": map[string]any{"unknown": "1"}},
	} {
		if status := s.ask(http.MethodPost, "functions", bad, nil); status < 400 || status > 409 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	var tried struct {
		Results []struct {
			Outcome, Error string
			Out            struct{ Properties map[string]any }
		}
		Console string
	}
	if status := s.ask(http.MethodPost, "functions/test", map[string]any{"function": f.ID, "recent": 10}, &tried); status != http.StatusOK {
		t.Fatal(status)
	}
	if len(tried.Results) != 2 || tried.Results[0].Outcome != "passed" || tried.Results[0].Out.Properties["plan"] != "pro" {
		t.Errorf("tried on the newest calls: %+v", tried)
	}
	draft := map[string]any{"kind": "insert", "code": `async function onTrack(e) { if (e.event === 'a') throw new DropEvent('no'); throw new RetryError('x') }`, "calls": []any{map[string]any{"type": "track", "event": "a"}, map[string]any{"type": "track"}}}
	if status := s.ask(http.MethodPost, "functions/test", draft, &tried); status != http.StatusOK || tried.Results[0].Outcome != "dropped" || tried.Results[1].Outcome != "retry" {
		t.Errorf("tried a draft: %d %+v", status, tried)
	}
	status, _ := s.do(http.MethodPost, "/v1/identify?writeKey="+testKey, `{"writeKey":"`+testKey+`","userId":"ada","messageId":"an-identify-without-type","traits":{"plan":"pro"}}`)
	s.settle()
	named := map[string]any{"kind": "insert", "code": `async function onIdentify(e) { e.traits.seen = e.type; return e }`, "recent": 1, "type": "identify"}
	if got := s.ask(http.MethodPost, "functions/test", named, &tried); status != http.StatusOK || got != http.StatusOK || len(tried.Results) != 1 || tried.Results[0].Outcome != "passed" {
		t.Errorf("tried on the newest identify, sent without a type: %d %d %+v", status, got, tried)
	}

	const second = `async function onTrack(event) { return null }`
	if status := s.ask(http.MethodPatch, "functions/"+f.ID, map[string]any{"code": second, "note": "drop all"}, &f); status != http.StatusOK || f.Version != 2 || f.Deployed != 0 {
		t.Errorf("saved: %d %+v", status, f)
	}
	if status := s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{"version": 1}, &f); status != http.StatusOK || f.Deployed != 1 {
		t.Errorf("deployed: %d %+v", status, f)
	}
	one := []json.RawMessage{json.RawMessage(`{"type":"track","properties":{}}`)}
	if got, errs := s.functions.Insert(t.Context(), f.ID, one); errs[0] != nil || !strings.Contains(string(got[0]), `"plan":"pro"`) {
		t.Errorf("the deployed version runs: %s, %v", got, errs)
	}
	if status := s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{}, &f); status != http.StatusOK || f.Deployed != 2 {
		t.Errorf("deployed: %d %+v", status, f)
	}
	if got, errs := s.functions.Insert(t.Context(), f.ID, one); errs[0] != nil || got[0] != nil {
		t.Errorf("a dropped call: %s, %v", got, errs)
	}
	if status := s.ask(http.MethodPost, "functions/"+f.ID+"/versions/1/restore", nil, &f); status != http.StatusOK || f.Version != 3 || f.Code != first || f.Deployed != 2 {
		t.Errorf("restored: %d %+v", status, f)
	}
	var versions struct{ Versions []struct{ Version int } }
	s.get("functions/"+f.ID+"/versions", &versions)
	if len(versions.Versions) != 3 || versions.Versions[0].Version != 3 {
		t.Errorf("versions %+v", versions)
	}
	if status := s.ask(http.MethodDelete, "functions/"+f.ID, nil, nil); status != http.StatusNoContent {
		t.Errorf("deleted: %d", status)
	}
	if _, errs := s.functions.Insert(t.Context(), f.ID, one); errs[0] == nil {
		t.Error("a function that is gone ran")
	}
}

// A hostile source function keeps nobody else's calls waiting.
func TestHostileFunctionsHarmNobodyElse(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var f functionAnswer
	if status := s.ask(http.MethodPost, "functions", map[string]any{"name": "Loop", "kind": "source", "source": "default", "code": `async function onRequest() { for (;;); }`}, &f); status != http.StatusCreated {
		t.Fatal(status)
	}
	s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{}, &f)
	done := make(chan int, 4)
	for range cap(done) {
		go func() {
			resp, err := http.Post(s.LocalURL()+f.Path, "text/plain", strings.NewReader("x"))
			if err != nil {
				done <- 0
				return
			}
			_ = resp.Body.Close()
			done <- resp.StatusCode
		}()
	}
	s.post(testKey, conversation()...)
	s.settle()
	if got := s.figures(); got != wantFigures {
		t.Errorf("while a function loops: got %s\nwant %s", got, wantFigures)
	}
	deadline := time.After(2 * time.Minute)
	for range cap(done) {
		select {
		case status := <-done:
			if status != http.StatusServiceUnavailable {
				t.Errorf("the looping function answered %d, want 503", status)
			}
		case <-deadline:
			t.Fatal("the looping function was not ended")
		}
	}
}

func TestDestinationFunctionsTakeWhatDeliveriesHandOn(t *testing.T) {
	var mu sync.Mutex
	var got []string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		text, _ := io.ReadAll(r.Body)
		got = append(got, string(text))
	}))
	defer receiver.Close()
	s := start(t, t.TempDir(), func(c *Config) { c.FunctionNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	write := func(kind, code string) (f functionAnswer) {
		t.Helper()
		change := map[string]any{"name": kind, "kind": kind, "code": code, "settings": []any{map[string]any{"name": "url", "type": "string"}}, "values": map[string]any{"url": receiver.URL}}
		if status := s.ask(http.MethodPost, "functions", change, &f); status != http.StatusCreated {
			t.Fatal(status)
		}
		s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{}, &f)
		return f
	}
	insert := write("insert", `async function onTrack(event) { if (event.event === 'Message Received') return null; event.properties.seen = true; return event }`)
	to := write("destination", `async function onTrack(event, settings) { await fetch(settings.url, { method: 'POST', body: event.event + ' ' + event.properties.seen }) }`)
	destination := map[string]any{"name": "Mine", "kind": "function", "enabled": true, "settings": map[string]string{"function": to.ID}, "functions": []string{insert.ID}}
	if status := s.ask(http.MethodPost, "destinations", destination, nil); status != http.StatusCreated {
		t.Fatal(status)
	}
	s.post(testKey, call("1", "Message Sent", `"x":1`), call("2", "Message Received", `"x":2`), call("3", "Item Purchased", `"x":3`))
	s.until("both calls arrive", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) >= 2 })
	mu.Lock()
	defer mu.Unlock()
	if slices.Sort(got); strings.Join(got, ", ") != "Item Purchased true, Message Sent true" {
		t.Errorf("arrived %q", got)
	}
}
