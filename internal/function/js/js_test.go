package js

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/outbound"
)

// shared compiles the engine once for all tests: that takes seconds.
var shared *Engine

func TestMain(m *testing.M) {
	shared = New(Config{Limits: Limits{Time: 30 * time.Second}, Client: outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}.Client()})
	code := m.Run()
	if err := shared.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// with returns the shared engine with other bounds.
func with(t *testing.T, change func(*Engine)) *Engine {
	t.Helper()
	if err := shared.ready(); err != nil {
		t.Fatal(err)
	}
	e := New(shared.cfg)
	e.compile.Do(func() {})
	e.machines, e.code = shared.machines, shared.code
	e.serial.Store(uint64(time.Now().UnixNano()))
	change(e)
	return e
}

func calls(texts ...string) []json.RawMessage {
	var all []json.RawMessage
	for _, text := range texts {
		all = append(all, json.RawMessage(text))
	}
	return all
}

const order = `{"type":"track","event":"Order Completed","messageId":"m-1","properties":{"total":30,"email":"a@example.com"}}`

// insert runs an insert function on one call.
func insert(t *testing.T, code string) Result {
	t.Helper()
	report, err := shared.Run(t.Context(), Job{Code: code, Calls: calls(order), Insert: true})
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	if len(report.Results) != 1 {
		t.Fatalf("%d results of one call: %+v", len(report.Results), report)
	}
	return report.Results[0]
}

// value evaluates an expression, which may await, within a function and returns it as JSON.
func value(t *testing.T, e *Engine, expression string) string {
	t.Helper()
	code := `async function onTrack(event, settings) { event.v = await (async () => (` + expression + `))(); return event }`
	report, err := e.Run(t.Context(), Job{Code: code, Calls: calls(`{"type":"track"}`), Insert: true, Settings: json.RawMessage(`{"key":"secret-1"}`), Secrets: []string{"secret-1"}, Cache: &Cache{}})
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	if e := report.Results[0].Err; e != nil {
		return e.Error()
	}
	var out struct{ V json.RawMessage }
	if err := json.Unmarshal(report.Results[0].Call, &out); err != nil {
		t.Fatal(err)
	}
	return string(out.V)
}

func TestHandlersAreCalledByType(t *testing.T) {
	code := `
async function onTrack(event, settings) { event.seen = 'track ' + settings.tag; return event }
async function onIdentify(event) { event.seen = 'identify'; return event }
const onPage = async (event) => ({ ...event, seen: 'page' })
function onScreen(event) { event.seen = 'screen'; return event }`
	report, err := shared.Run(t.Context(), Job{Code: code, Insert: true, Settings: json.RawMessage(`{"tag":"x"}`),
		Calls: calls(`{"type":"track"}`, `{"type":"identify"}`, `{"type":"page"}`, `{"type":"screen"}`, `{"type":"group"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"track x", "identify", "page", "screen"} {
		var got struct{ Seen string }
		if err := json.Unmarshal(report.Results[i].Call, &got); err != nil || got.Seen != want {
			t.Errorf("call %d: got %s (%v), want %q", i, report.Results[i].Call, report.Results[i].Err, want)
		}
	}
	if e := report.Results[4].Err; e == nil || e.Name != "EventNotSupported" || e.Retry() {
		t.Errorf("group: got %v, want EventNotSupported", e)
	}
}

func TestErrorClassesSayWhatBecomesOfACall(t *testing.T) {
	f := func(statement, name string, retry bool) {
		t.Helper()
		got := insert(t, `async function onTrack(event, settings) { `+statement+` }`)
		if got.Err == nil || got.Err.Name != name || got.Err.Retry() != retry {
			t.Errorf("%s: got %v, want %s, retry %v", statement, got.Err, name, retry)
		}
	}
	f(`throw new EventNotSupported('no')`, "EventNotSupported", false)
	f(`throw new InvalidEventPayload('no')`, "InvalidEventPayload", false)
	f(`throw new ValidationError('no')`, "ValidationError", false)
	f(`throw new DropEvent('no')`, "DropEvent", false)
	f(`throw new RetryError('later')`, "RetryError", true)
	f(`throw new Timeout('later')`, "Timeout", true)
	f(`event.x.y`, "TypeError", false)
	f(`throw 'text'`, "Error", false)
	f(`throw { get name() { throw 1 } }`, "Error", false)
	f(`return`, "DropEvent", false)
	f(`return null`, "DropEvent", false)
	f(`return 'text'`, "InvalidEventPayload", false)
	f(`return [event]`, "InvalidEventPayload", false)
	f(`Promise.reject(new Error('nobody catches')); await new Promise((r) => setTimeout(r, 1)); return event`, "Error", false)
}

func TestErrorsNamePlacesOfTheCode(t *testing.T) {
	got := insert(t, "// a comment\nasync function onTrack(event) {\n  event.a.b.c()\n}")
	if got.Err == nil || !strings.Contains(got.Err.Stack, "onTrack (function.js:3:") || strings.Contains(got.Err.Stack, "cmdline") {
		t.Errorf("stack %+v; want the place function.js:3 alone", got.Err)
	}
}

func TestBatchKeepsOrderAndLength(t *testing.T) {
	three := calls(`{"type":"track","n":1}`, `{"type":"track","n":2}`, `{"type":"track","n":3}`)
	run := func(code string, insert bool) []Result {
		t.Helper()
		report, err := shared.Run(t.Context(), Job{Code: code, Calls: three, Insert: insert})
		if err != nil || len(report.Results) != 3 {
			t.Fatalf("%s: %d results, %v", code, len(report.Results), err)
		}
		return report.Results
	}
	names := func(all []Result) string {
		var out []string
		for _, r := range all {
			switch {
			case r.Err != nil:
				out = append(out, r.Err.Name)
			default:
				out = append(out, string(r.Call))
			}
		}
		return strings.Join(out, " ")
	}
	f := func(code string, insert bool, want string) {
		t.Helper()
		if got := names(run(code, insert)); got != want {
			t.Errorf("%s: got %s, want %s", code, got, want)
		}
	}
	f(`async function onBatch(events) { return events.map((e) => e.n === 2 ? null : { n: e.n }) }`, true, `{"n":1} DropEvent {"n":3}`)
	f(`async function onBatch(events) { return events.slice(1) }`, true, `InvalidEventPayload InvalidEventPayload InvalidEventPayload`)
	f(`async function onBatch(events) { throw new RetryError('x') }`, true, `RetryError RetryError RetryError`)
	f(`async function onBatch(events) { return [{status: 200}, {status: 429, errormessage: 'slow'}, {status: 400}] }`, false, ` RetryError MessageRejected`)
	f(`async function onBatch(events) { }`, false, "  ")
}

func TestRequestsBecomeCalls(t *testing.T) {
	code := `async function onRequest(request, settings) {
  const body = await request.json()
  Segment.identify({ userId: body.user, traits: { plan: request.url.searchParams.get('plan') } })
  Segment.track({ event: 'Paid', userId: body.user, properties: { kind: request.headers.get('X-Kind'), type: 'kept' } })
}`
	report, err := shared.Run(t.Context(), Job{Code: code, Request: &Request{Method: "POST", URL: "http://h/v1/functions/f?plan=pro+1",
		Headers: [][2]string{{"X-Kind", "a"}, {"Content-Type", "application/json"}}, Body: `{"user":"ü"}`}})
	if err != nil || report.Results[0].Err != nil {
		t.Fatal(err, report.Results)
	}
	got, _ := json.Marshal(report.Emitted)
	want := `[{"userId":"ü","traits":{"plan":"pro 1"},"type":"identify"},{"event":"Paid","userId":"ü","properties":{"kind":"a","type":"kept"},"type":"track"}]`
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestWorldIsWhatFunctionsExpect(t *testing.T) {
	f := func(expression, want string) {
		t.Helper()
		if got := value(t, shared, expression); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
	f(`btoa('héllo') + ' ' + atob('aMOp')`, `"aOlsbG8= hÃ©"`)
	f(`[...new TextEncoder().encode('aé€😀\ud800')]`, `[97,195,169,226,130,172,240,159,152,128,239,191,189]`)
	f(`new TextDecoder().decode(new Uint8Array([226,130,172,255]))`, `"€�"`)
	f(`crypto.createHash('sha256').update('a').update('b').digest('hex')`, `"fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"`)
	f(`crypto.createHmac('sha1', 'key').update('The quick brown fox jumps over the lazy dog').digest('base64')`, `"3nybhbi3iqa8ino29wqQcBydtNk="`)
	f(`[...new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode('')))].slice(0, 3)`, `[218,57,163]`)
	f(`(async () => { const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('k'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
		const s = await crypto.subtle.sign('HMAC', k, new Uint8Array(3)); return [s.byteLength, await crypto.subtle.verify('HMAC', k, s, new Uint8Array(3)), await crypto.subtle.verify('HMAC', k, s, new Uint8Array(4))] })()`, `[32,true,false]`)
	f(`/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`, `true`)
	f(`(() => { const u = new URL('../b?x=1&y=ü#h', 'https://EXAMPLE.com:443/a/c/d'); u.searchParams.append('z', 'a b'); return [u.href, u.host, u.pathname, u.hash] })()`,
		`["https://EXAMPLE.com/a/b?x=1&y=%C3%BC&z=a+b#h","EXAMPLE.com","/a/b","#h"]`)
	f(`new URLSearchParams({ a: '1&2', b: 'ü' }).toString()`, `"a=1%262&b=%C3%BC"`)
	f(`(() => { const h = new Headers({ 'X-A': '1' }); h.append('x-a', '2'); return [h.get('X-a'), [...h]] })()`, `["1, 2",[["x-a","1, 2"]]]`)
	f(`(async () => { const r = Response.json({ a: 1 }, { status: 201 }); return [r.ok, r.headers.get('content-type'), await r.clone().json(), await r.text()] })()`, `[true,"application/json",{"a":1},"{\"a\":1}"]`)
	f(`structuredClone({ d: new Date(0), m: new Map([[1, [2]]]) }).m.get(1)`, `[2]`)
	f(`(async () => { let n = 0; const f = async () => ++n; return [await cache.load('k', 1000, f), await cache.load('k', 1000, f), (await cache.delete('k'), await cache.load('k', 0, f)), await cache.load('k', 1000, f)] })()`, `[1,1,2,3]`)
	f(`new Promise((r) => { const t = setTimeout(() => r('no'), 1); clearTimeout(t); let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); r('three') } }, 1) })`, `"three"`)
	f(`(async () => { const out = []; for await (const x of (async function* () { yield 1n; yield 2n })()) out.push(Number(x)); return [...out, { a: null }?.a ?? 7, [3, 1].toSorted()] })()`, `[1,2,7,[1,3]]`)
	f(`new Date(0).toISOString()`, `"1970-01-01T00:00:00.000Z"`)
	f(`[typeof std, typeof os, typeof print, typeof require, typeof process]`, `["undefined","undefined","undefined","undefined","undefined"]`)
}

func TestFetchSendsAndReads(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bytes":
			_, _ = w.Write([]byte{0xff, 0, 1})
		case "/moved":
			http.Redirect(w, r, "/echo", http.StatusFound)
		default:
			body := make([]byte, 100)
			n, _ := r.Body.Read(body)
			w.Header().Set("X-Answer", "yes")
			w.WriteHeader(http.StatusAccepted)
			_, _ = fmt.Fprintf(w, `{"method":%q,"auth":%q,"type":%q,"body":%q,"host":%q,"agent":%q}`, r.Method, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body[:n], r.Host, r.UserAgent())
		}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	f := func(expression, want string) {
		t.Helper()
		if got := value(t, shared, strings.ReplaceAll(expression, "URL0", "'"+server.URL)); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
	f(`(async () => { const r = await fetch(URL0/echo', { method: 'post', headers: { Authorization: 'Bearer x', Host: 'other' }, body: new URLSearchParams({ a: 1 }) }); return [r.status, r.statusText, r.ok, r.headers.get('x-answer'), await r.json()] })()`,
		`[202,"Accepted",true,"yes",{"method":"POST","auth":"Bearer x","type":"application/x-www-form-urlencoded;charset=UTF-8","body":"a=1","host":"`+host+`","agent":"Debrief"}]`)
	f(`(async () => [...new Uint8Array(await (await fetch(URL0/bytes')).arrayBuffer())])()`, `[255,0,1]`)
	f(`(async () => { const r = await fetch(URL0/moved'); return [r.status, r.redirected, r.url === URL0/echo'] })()`, `[202,true,true]`)
	f(`(async () => { const r = await fetch(URL0/moved', { redirect: 'manual' }); return [r.status, r.headers.get('location')] })()`, `[302,"/echo"]`)
	f(`(await Promise.all([1, 2, 3].map(() => fetch(new Request(URL0/echo', { method: 'PUT', body: new Uint8Array([65]) }))))).map((r) => r.status)`, `[202,202,202]`)
	server.Close()
	f(`fetch(URL0/echo')`, `FetchError: dial tcp `+host+`: connect: connection refused`)
	f(`fetch(URL0/echo').catch((e) => [e.name, e instanceof TypeError])`, `["FetchError",true]`)
}

func TestConsoleIsKeptAndSecretsAreNot(t *testing.T) {
	report, err := shared.Run(t.Context(), Job{Settings: json.RawMessage(`{"key":"secret-1"}`), Secrets: []string{"secret-1", "x"}, Calls: calls(order),
		Code: `async function onTrack(event, settings) { console.log('key', settings, [1n, () => 1], new Error('e')); console.warn('second'); throw new Error('with ' + settings.key) }`})
	if err != nil {
		t.Fatal(err)
	}
	want := "key {\"key\":\"***\"} [object] Error: e\nwarn: second\n"
	if report.Console != want {
		t.Errorf("console %q, want %q", report.Console, want)
	}
	if e := report.Results[0].Err; e.Message != "with ***" {
		t.Errorf("error %v", e)
	}
}

func TestCheckTellsHandlersAndFaults(t *testing.T) {
	handlers, err := shared.Check(t.Context(), `function onTrack() {} const onBatch = () => {} // end`)
	if err != nil || strings.Join(handlers, " ") != "onBatch onTrack" {
		t.Errorf("got %v, %v", handlers, err)
	}
	f := func(code, want string) {
		t.Helper()
		if _, err := shared.Check(t.Context(), code); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", code, err, want)
		}
	}
	f(`function onTrack( {`, "SyntaxError")
	f(`undefined.x`, "TypeError")
	f(`throw new ValidationError('top')`, "ValidationError: top")
}
