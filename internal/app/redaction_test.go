package app

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/debrief-dev/debrief/internal/enrich/pii/piitest"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
)

var leakSeed = flag.Uint64("leak-seed", 0, "send the personal data of this seed (0: a new one)")

// leaks makes personal data that nobody has, and remembers what must not be found.
type leaks struct {
	rng    *rand.Rand
	needle []string // in lower case
	form   int
}

// one makes the next leak, perhaps in the middle of words.
func (l *leaks) one() string {
	sent := l.next()
	switch l.rng.IntN(8) {
	case 0, 1:
		return "it is " + sent + ", thanks"
	case 2, 3:
		return `{"in":"` + sent + `"}`
	case 4:
		return sent + " " + l.next()
	}
	return sent
}

func (l *leaks) next() string {
	sent, parts := piitest.Forms[l.form%len(piitest.Forms)](l.rng)
	l.form++
	for _, part := range parts {
		l.needle = append(l.needle, strings.ToLower(part))
	}
	return sent
}

// find returns what is found of the leaks in text, which is in lower case.
func (l *leaks) find(text string) []string {
	const head = 8 // each is longer
	byHead := map[string][]string{}
	for _, n := range l.needle {
		byHead[n[:head]] = append(byHead[n[:head]], n)
	}
	var found []string
	for i := 0; i+head <= len(text); i++ {
		for _, n := range byHead[text[i:i+head]] {
			if strings.HasPrefix(text[i:], n) {
				found = append(found, n)
			}
		}
	}
	return found
}

// fill puts a leak in the place of each §, as a part of a JSON string.
func (l *leaks) fill(template string) string {
	var out strings.Builder
	for i, part := range strings.Split(template, "§") {
		if i > 0 {
			b, err := json.Marshal(l.one())
			if err != nil {
				panic(err)
			}
			out.Write(b[1 : len(b)-1])
		}
		out.WriteString(part)
	}
	return out.String()
}

// tries are what is sent: every door, and of each call every field, refused calls too.
var tries = []struct{ path, kind, body string }{
	{"/v1/track", "", `{"event":"Message Sent","userId":"§","anonymousId":"§","messageId":"§","timestamp":"§","sentAt":"§","properties":{"message_body":"§","conversationId":"§","messageId":"§","role":"§","§":"§","list":["§",["§"]],"deep":{"a":{"§":"§"}}},"context":{"ip":"§","userAgent":"§","page":{"url":"https://x.example/?q=§","title":"§","search":"?§","referrer":"§"},"traits":{"email":"§"},"§":"§"},"integrations":{"§":"§"},"extra":"§","type":"§"}`},
	{"/v1/t", "", `{"event":"§","userId":"u","properties":{"conversationId":"c-1","message_body":"§"}}`},
	{"/v1/track", "", `{"event":"Message Received","userId":"u","properties":{"conversationId":"c-1","content":"§","role":"agent","tool_args":"{\"to\":\"§\"}"}}`},
	{"/v1/identify", "", `{"userId":"§","traits":{"email":"§","phone":"§","name":"§","address":{"street":"§"},"§":"§"}}`},
	{"/v1/group", "", `{"userId":"§","groupId":"§","traits":{"name":"§"}}`},
	{"/v1/alias", "", `{"userId":"§","previousId":"§"}`},
	{"/v1/page", "", `{"userId":"u","name":"§","category":"§","properties":{"url":"§","path":"§","title":"§","keywords":["§"]}}`},
	{"/v1/screen", "", `{"anonymousId":"§","name":"§","properties":{"a":"§"}}`},
	{"/v1/batch", "", `{"context":{"traits":{"email":"§"},"§":"§"},"integrations":{"a":"§"},"messageId":"§","sentAt":"§","batch":[{"type":"track","event":"Action Invoked","userId":"u","properties":{"conversationId":"c-2","action":"§","arguments":{"a":"§"},"result":"§","error":"§"}},{"type":"§","userId":"§"},{"type":"track","userId":"§","properties":{"a":"§"}},{"type":"track","event":{"a":"§"},"userId":"u"},{"type":"track","event":"E","messageId":"§"},7,"§",{"type":"page","userId":{"a":"§"}}]}`},
	{"/v1/import", "", `{"batch":[{"type":"track","event":"Feedback Submitted","userId":"u","properties":{"conversationId":"c-3","rating":4,"comment":"§"}}]}`},
	{"/beacon/v1/batch", "", `{"batch":[{"type":"track","event":"Component Loaded","userId":"u","properties":{"conversationId":"c-3","type":"§","data":{"rows":[["§"]]}}}]}`},
	{"/v1/merge", "", `{"userId":"§","mergeProperties":["§"]}`},
	{"/v1/track", "", `{"event":"broken §","userId":"§"`},
	{"/v1/track", "", `["§"]`},
	{"/pixel/v1/track", "pixel", `{"event":"Opened §","userId":"§","properties":{"subject":"§"}}`},
	{"/pixel/v1/page", "query", `{"userId":"§","name":"§","properties.subject":"§","§":"§"}`},
	{"/1.0/event", "", `[{"type":"copilot","user_alias":"§","message_id":"§","event_name":"screeb_copilot_user_prompt","name":"§","context":{"a":"§"},"properties":{"prompt":"§","conversation_id":"§","session_id":"§","x":"§"}},{"type":"identify","user_alias":"§","properties":{"email":"§"}},{"type":"§","user_alias":"§"},{"type":"page","user_alias":"u","url":"§","properties":{"title":"§"}},{"type":"group.assign","user_alias":"u","group_type":"§","group_name":"§","properties":{"a":"§"}}]`},
	{"/v1/unity", "", `{"batch":[{"name":"AIAssistantSendUserMessageEvent","data":{"userPrompt":"§","conversationId":"§","commandMode":"§","x":["§"]},"messageId":"§","userId":"§","anonymousId":"§","sessionId":"§","timestamp":"§","context":{"a":"§"},"build":"§"},{"name":"§","data":{"a":"§"}},{"data":"§"},"§"],"sentAt":"§"}`},
	{"/batch/", "posthog", `{"api_key":"KEY","batch":[{"event":"$ai_generation","distinct_id":"§","uuid":"§","timestamp":"§","properties":{"$ai_trace_id":"§","$ai_session_id":"§","$ai_input":[{"role":"user","content":"§"}],"$ai_output_choices":[{"role":"assistant","content":"§"}],"$ai_error":"§","$ip":"§","$set":{"email":"§"},"§":"§"}},{"event":"§","properties":{"distinct_id":"§","a":"§"}},{"event":"$identify","distinct_id":"§","properties":{"$anon_distinct_id":"§","$set":{"name":"§"}}}],"sent_at":"§"}`},
	{"/e/", "posthog", `{"api_key":"KEY","event":"§","distinct_id":"§","properties":{"a":"§","$current_url":"https://x.example/?§"}}`},
	{"/engage/", "posthog", `{"api_key":"KEY","$distinct_id":"§","$set":{"a":"§"}}`},
	{"/api/public/ingestion", "", `{"batch":[{"id":"§","type":"trace-create","timestamp":"2026-11-21T09:00:00Z","body":{"id":"§","userId":"§","sessionId":"§","name":"§","input":"§","output":{"a":"§"},"metadata":{"§":"§"},"tags":["§"]}},{"id":"§","type":"generation-create","body":{"id":"§","traceId":"§","model":"§","input":[{"role":"user","content":"§"}],"output":"§","statusMessage":"§"}},{"id":"§","type":"score-create","body":{"id":"§","traceId":"t1","name":"§","value":1,"comment":"§"}},{"id":"§","type":"§","body":"§"},"§"],"metadata":{"a":"§"}}`},
	{"/api/public/scores", "", `{"id":"§","traceId":"§","name":"user-feedback","value":1,"comment":"§"}`},
	{"/v1/traces", "", `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"§"}},{"key":"§","value":{"stringValue":"§"}}]},"scopeSpans":[{"scope":{"name":"§","version":"§","attributes":[{"key":"a","value":{"stringValue":"§"}}]},"spans":[{"traceId":"TRACE","spanId":"SPAN","name":"chat §","kind":3,"startTimeUnixNano":"1795250524373000000","endTimeUnixNano":"1795250524376329107","traceState":"a=§","status":{"code":2,"message":"§"},"attributes":[{"key":"gen_ai.conversation.id","value":{"stringValue":"§"}},{"key":"user.id","value":{"stringValue":"§"}},{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5"}},{"key":"gen_ai.input.messages","value":{"stringValue":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"my mail leak.QUOTED@mail.example.org\"}]}]"}},{"key":"gen_ai.output.messages","value":{"stringValue":"§"}},{"key":"gen_ai.tool.call.arguments","value":{"stringValue":"§"}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"§"},{"kvlistValue":{"values":[{"key":"§","value":{"stringValue":"§"}}]}}]}}}],"events":[{"name":"§","timeUnixNano":"1795250524373000000","attributes":[{"key":"exception.message","value":{"stringValue":"§"}},{"key":"§","value":{"stringValue":"§"}}]}],"links":[{"traceId":"TRACE","spanId":"SPAN","attributes":[{"key":"a","value":{"stringValue":"§"}}]}]},{"name":"without ids §","attributes":[{"key":"a","value":{"stringValue":"§"}}]}]}]}]}`},
	{"/v1/logs", "", `{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":"§"}}]},"scopeLogs":[{"scope":{"name":"§"},"logRecords":[{"timeUnixNano":"1795250524373000000","traceId":"TRACE","spanId":"SPAN","severityText":"§","eventName":"gen_ai.user.message","body":{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"§"}}]}},"attributes":[{"key":"event.name","value":{"stringValue":"§"}},{"key":"§","value":{"stringValue":"§"}}]},{"timeUnixNano":"1","body":{"stringValue":"§"}}]}]}]}`},
}

// send sends every try some times, and returns all answers.
func (l *leaks) send(s *server, key string) string {
	s.t.Helper()
	var answers strings.Builder
	const rounds = 4 // each field gets four forms of the many; which, the seed says
	for range rounds {
		l.form = l.rng.IntN(len(piitest.Forms))
		for _, try := range tries {
			trace, quoted := fmt.Sprintf("%032x", l.rng.Uint64()), strings.ToLower(piitest.Word(l.rng, 10))
			l.needle = append(l.needle, quoted+"@mail")
			body := l.fill(strings.NewReplacer("KEY", key, "TRACE", "a"+trace[1:], "SPAN", "a"+trace[17:], "QUOTED", quoted).Replace(try.body))
			answers.WriteString(l.request(s, key, try.path, try.kind, body))
		}
	}
	return answers.String()
}

func (l *leaks) request(s *server, key, path, kind, body string) string {
	s.t.Helper()
	method, target := http.MethodPost, s.LocalURL()+path
	var content io.Reader = strings.NewReader(body)
	switch kind {
	case "pixel":
		method, content, target = http.MethodGet, nil, target+"?writeKey="+key+"&data="+base64.URLEncoding.EncodeToString([]byte(body))
	case "query":
		var members map[string]string
		if err := json.Unmarshal([]byte(body), &members); err != nil {
			s.t.Fatal(err)
		}
		values := url.Values{"writeKey": {key}}
		for k, v := range members {
			values.Set(k, v)
		}
		method, content, target = http.MethodGet, nil, target+"?"+values.Encode()
	}
	zipped := content != nil && l.rng.IntN(4) == 0
	if zipped {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, body)
		_ = w.Close()
		content = &b
	}
	req, err := http.NewRequest(method, target, content)
	if err != nil {
		s.t.Fatal(err)
	}
	if zipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", l.one())
	if !strings.HasPrefix(kind, "posthog") {
		req.SetBasicAuth(key, "")
	}
	resp, text := s.send(req)
	if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusUnauthorized || resp.StatusCode >= 500 {
		s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
	}
	return fmt.Sprint(resp.Header) + text + "\n"
}

// answered is what the API answers about everything: each endpoint without parameters, and those about
// each conversation, person and event.
func answered(s *server) string {
	s.t.Helper()
	var out strings.Builder
	get := func(path string) string {
		status, body := s.do(http.MethodGet, path, "")
		if status >= 500 {
			s.t.Errorf("GET %s: %d %s", path, status, body)
		}
		out.WriteString(body)
		return body
	}
	var spec struct{ Paths map[string]map[string]any }
	s.get("openapi.json", &spec)
	for path, methods := range spec.Paths {
		if _, ok := methods["get"]; ok && !strings.Contains(path, "{") && path != "/api/v1/live" && !strings.Contains(path, "openapi") {
			get(path)
		}
	}
	for _, what := range []string{"events?format=jsonl", "conversations?format=csv", "people?format=jsonl", "messages?format=jsonl"} {
		get("/api/v1/export/" + what)
	}
	get("/api/v1/conversations?limit=1000")
	get("/api/v1/rejections?limit=1000")
	get("/api/v1/quarantine?limit=1000")
	get("/api/v1/quarantine?status=rejected&limit=1000")
	for _, field := range []string{"event", "user", "tool", "source", "agent", "model", "error_type", "vocabulary"} {
		get("/api/v1/metrics/events?breakdown=" + field)
	}
	for i, e := range s.export() {
		if i%7 == 0 {
			get("/api/v1/events/" + url.PathEscape(e.ID))
			get("/api/v1/events/" + url.PathEscape(e.ID) + "/journey")
			if e.ConversationID != "" {
				get("/api/v1/conversations/" + url.PathEscape(e.ConversationID))
				get("/api/v1/conversations/" + url.PathEscape(e.ConversationID) + "/export?format=md")
			}
		}
	}
	get("/metrics")
	get("/readyz")
	return out.String()
}

// logged are the records of the event log that were not stored before they were read.
func logged(s *server) string {
	s.t.Helper()
	var out strings.Builder
	r := s.log.Reader(eventlog.Position(0))
	for {
		rec, ok, err := r.TryNext()
		if err != nil {
			continue // trimmed: it goes on behind
		}
		if !ok {
			return out.String()
		}
		req, err := event.DecodeRequest(rec.Data)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v", req)
		for _, c := range req.Calls {
			out.Write(c.JSON)
		}
	}
}

// kept is all that is in a data directory: every file as it is, and decompressed, and every value of every
// table.
func kept(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		out.Write(data)
		switch filepath.Ext(path) {
		case ".raw":
			out.WriteString(rawText(t, data))
		case ".duckdb":
			out.WriteString(tables(t, "duckdb", path, `SELECT table_name FROM information_schema.tables`))
		case ".sqlite":
			out.WriteString(tables(t, "sqlite", path, `SELECT name FROM sqlite_master WHERE type = 'table'`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rawText decompresses the blocks of a raw file (docs/formats/raw-file.md).
func rawText(t *testing.T, data []byte) string {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []byte
	for data = data[12:]; len(data) >= 16; {
		codec, n := data[3], binary.LittleEndian.Uint32(data[4:])
		payload := data[16 : 16+n]
		var plain []byte
		if codec == 1 {
			plain, err = s2.Decode(nil, payload)
		} else {
			plain, err = z.DecodeAll(payload, nil)
		}
		if err != nil {
			t.Fatalf("block of a raw file: %v", err)
		}
		out = append(out, plain...)
		data = data[16+n:]
	}
	return string(out)
}

func tables(t *testing.T, driver, path, list string) string {
	t.Helper()
	db, err := sql.Open(driver, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out strings.Builder
	each := func(query string, f func(values []any)) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %s: %v", path, query, err)
		}
		defer func() { _ = rows.Close() }()
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			f(values)
		}
	}
	var names []string
	each(list, func(v []any) { names = append(names, fmt.Sprint(*v[0].(*any))) })
	for _, name := range names {
		each(fmt.Sprintf(`SELECT * FROM %q`, name), func(values []any) {
			for _, v := range values {
				if b, ok := (*v.(*any)).([]byte); ok {
					out.Write(b)
				} else {
					fmt.Fprintf(&out, "%v\x00", *v.(*any))
				}
			}
		})
	}
	return out.String()
}

// safeBuffer takes the log of a server.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Cards, addresses, numbers and keys that come through any door in any field, in calls that are taken,
// refused or held back, are nowhere afterwards: not in the data directory, not in the log, not in any answer.
func TestNothingMaskedIsFoundAnywhere(t *testing.T) {
	seed := cmp.Or(*leakSeed, rand.Uint64())
	t.Logf("seed %d", seed)
	f := func(redaction, content string) {
		t.Run(redaction+" "+content, func(t *testing.T) {
			dir := t.TempDir()
			log := &safeBuffer{}
			s := start(t, dir, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			status, body := s.do(http.MethodPatch, "/api/v1/sources/default", fmt.Sprintf(`{"redaction":%q,"content":%q}`, redaction, content))
			if status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			l := &leaks{rng: rand.New(rand.NewPCG(seed, 0))}
			all := map[string]string{"answers of the doors": l.send(s, testKey)}
			all["event log"] = logged(s)
			s.settle()
			all["answers of the API"] = answered(s)
			var r struct{ Total int64 }
			s.until("what was masked is counted", func() bool { s.get("redaction", &r); return redaction == "off" || r.Total > 0 })
			s.stop()
			all["log"] = log.String()
			all["data directory"] = kept(t, dir)
			for where, text := range all {
				text = strings.ToLower(text)
				found := l.find(text)
				if redaction == "off" && content == "full" {
					if len(found) == 0 && (where == "data directory" || where == "answers of the API") {
						t.Errorf("%s: nothing is found although nothing is masked: this test would not see a leak", where)
					}
					continue
				}
				if len(found) > 0 {
					slices.Sort(found)
					found = slices.Compact(found)
					at := strings.Index(text, found[0])
					t.Errorf("%s: %d of %d are found: %q; the first in …%q", where, len(found), len(l.needle), found[:min(12, len(found))], text[max(0, at-200):min(len(text), at+60)])
				}
			}
		})
	}
	f("off", "full")
	f("structured", "full")
	f("all", "redacted")
	f("structured", "metadata")
}
