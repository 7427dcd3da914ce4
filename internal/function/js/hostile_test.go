package js

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/outbound"
)

// quick returns the shared engine with a short limit of time.
func quick(t *testing.T) *Engine {
	return with(t, func(e *Engine) { e.limits.Time = 500 * time.Millisecond })
}

// well checks that the engine serves others as if nothing had been.
func well(t *testing.T) {
	t.Helper()
	if got := insert(t, `async function onTrack(event) { return { ok: [typeof spoiled, [].spoiled, ({}).spoiled, JSON.stringify({ a: 1 })] } }`); string(got.Call) != `{"ok":["undefined",null,null,"{\"a\":1}"]}` {
		t.Errorf("the next run got %s, %v", got.Call, got.Err)
	}
}

func TestHostileComputationIsEnded(t *testing.T) {
	e := quick(t)
	f := func(what, code, name string) {
		t.Helper()
		report, err := e.Run(t.Context(), Job{Code: code, Calls: calls(order), Insert: true})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := report.Results[0].Err
		if got == nil || !slices.Contains(strings.Split(name, "|"), got.Name) {
			t.Errorf("%s: got %v, want %s", what, got, name)
		}
		if report.Took > 15*time.Second {
			t.Errorf("%s: it took %v", what, report.Took)
		}
	}
	on := func(statement string) string {
		return `async function onTrack(event) { ` + statement + `; return event }`
	}
	f("endless loop", on(`for (;;);`), Timeout)
	f("endless loop of the top level", `for (;;);`, Timeout)
	f("endless loop that catches", on(`for (;;) try { for (;;); } catch {} finally { continue }`), Timeout)
	f("regular expression", on(`/^(a+)+$/.test('a'.repeat(40) + 'b')`), Timeout)
	f("getter", on(`Object.defineProperty(event, 'x', { enumerable: true, get() { for (;;); } })`), Timeout)
	f("toJSON", on(`event.toJSON = () => { for (;;); }`), Timeout)
	f("toString of an error", on(`throw { get message() { for (;;); } }`), Timeout)
	f("chain of promises", on(`const again = () => Promise.resolve().then(again); await again()`), Timeout)
	f("timers without end", on(`await new Promise(() => setInterval(() => {}, 0))`), Timeout)
	f("loop in the engine's own code", on(`Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`), Timeout)
	f("sorting", on(`Array.from({ length: 1e6 }, (_, i) => (i * 7919) % 1000003).sort(() => { for (;;); })`), Timeout)
	f("thenable", on(`await { then() { for (;;); } }`), Timeout)
	f("proxy as a result", `async function onTrack() { return new Proxy({}, { ownKeys() { for (;;); } }) }`, Timeout)
	f("a promise that nothing settles", on(`await new Promise(() => {})`), Timeout)
	f("sleeping", on(`await new Promise((r) => setTimeout(r, 1e9))`), Timeout)
	f("the engine's own sleep", on(`const os = await import('qjs:os'); for (;;) os.sleep(1e6)`), Timeout)
	f("big numbers", on(`let n = 3n; for (;;) n *= n`), "RangeError|Timeout")
	f("deep recursion", on(`(function f() { return f() + 1 })()`), "RangeError|Timeout")
	f("deep recursion through a getter", on(`const o = { get x() { return this.x } }; o.x`), "RangeError|Timeout")
	f("deep JSON", on(`JSON.parse('['.repeat(3e6) + ']'.repeat(3e6))`), "RangeError|Timeout")
	f("string of 1 GB", on(`'x'.repeat(2 ** 30 - 2).length`), OutOfMemory+"|Timeout") // which comes first is the machine's
	f("buffer of 1 GB", on(`new ArrayBuffer(2 ** 30)`), OutOfMemory)
	f("ending the machine", on(`(await import('qjs:std')).exit(7)`), Crashed)
	f("nonsense on the pipe", on(`const std = await import('qjs:std'); std.out.puts('{]\n'); std.out.flush()`), Crashed)
	well(t)
}

func TestMemoryBombsStayInTheirMachine(t *testing.T) {
	e := with(t, func(e *Engine) { e.limits.Time = 20 * time.Second })
	for _, code := range []string{
		`const all = []; for (;;) all.push('x'.repeat(4e6) + all.length)`,
		`const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1))`,
		`const m = new Map(); for (let i = 0; ; i++) m.set(i, new Array(1e5).fill(i))`,
		`let s = 'x'; for (;;) s += s`,
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		report, err := e.Run(t.Context(), Job{Code: `async function onTrack(event) { ` + code + ` }`, Calls: calls(order), Insert: true})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := report.Results[0].Err; got == nil || got.Name != OutOfMemory && got.Name != "RangeError" && got.Name != Timeout {
			t.Errorf("%s: got %v, want %s", code, got, OutOfMemory)
		}
		// The machine's memory grows by copying, so that old and new are there at once.
		if grown := int64(after.Sys) - int64(before.Sys); grown > 6*int64(shared.limits.Memory) {
			t.Errorf("%s: the process grew by %d MB", code, grown>>20)
		}
	}
	well(t)
}

func TestRunsLeaveNothingToTheNext(t *testing.T) {
	for _, code := range []string{
		`globalThis.spoiled = 1; Array.prototype.spoiled = 1; Object.prototype.spoiled = 1; async function onTrack() { return {} }`,
		`JSON.stringify = () => '"spoiled"'; JSON.parse = () => 0; async function onTrack() { return {} }`,
		`Object.defineProperty(Object.prototype, 'error', { set(v) {}, get() { return { Name: 'x' } } }); async function onTrack() { return {} }`,
		`Promise.prototype.then = () => { throw 1 }; async function onTrack() { return {} }`,
		`Array.prototype[Symbol.iterator] = function* () {}; async function onTrack() { return {} }`,
		`Map.prototype.get = Map.prototype.delete = () => 1; Function.prototype.call = null; async function onTrack() { return {} }`,
		`globalThis.fetch = globalThis.console = globalThis.eval = undefined; async function onTrack() { return {} }`,
		`({}).constructor.constructor('return this')().spoiled = 1; async function onTrack() { return {} }`,
		`Error.prepareStackTrace = (e, s) => { globalThis.spoiled = s }; async function onTrack(e) { e.x.y }`,
	} {
		if _, err := shared.Run(t.Context(), Job{Code: code, Calls: calls(order, order), Insert: true}); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		well(t)
	}
}

func TestFunctionsSeeNothingOfTheHost(t *testing.T) {
	t.Setenv("DEBRIEF_SECRET", "of the server")
	f := func(expression, want string) {
		t.Helper()
		if got := value(t, shared, expression); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
	f(`(await import('qjs:std')).getenviron()`, `{}`)
	f(`(await import('qjs:std')).open('/etc/passwd', 'r')`, `null`)
	f(`(await import('qjs:os')).readdir('/')`, `[[],44]`)
	f(`(await import('qjs:os')).open('x', 0x42)`, `-44`)
	f(`Object.keys(await import('qjs:os')).filter((k) => ['exec', 'Worker', 'kill', 'pipe', 'dup'].includes(k))`, `[]`)
	f(`import('/etc/passwd').catch((e) => e.name)`, `"ReferenceError"`)
	f(`import('https://example.com/x.js').catch((e) => e.name)`, `"ReferenceError"`)
}

// A function may write to the pipe itself; it gains nothing by it.
func TestForgedMessagesGainNothing(t *testing.T) {
	run := func(lines ...string) Report {
		t.Helper()
		text, _ := json.Marshal(strings.Join(lines, "\n") + "\n")
		report, err := quick(t).Run(t.Context(), Job{Code: `async function onTrack(event) { const std = await import('qjs:std'); std.out.puts(` + string(text) + `); std.out.flush(); await new Promise((r) => setTimeout(r, 10)); return event }`,
			Calls: calls(order, order), Insert: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Results) != 2 {
			t.Fatalf("%v: %d results of two calls", lines, len(report.Results))
		}
		return report
	}
	run(`{"result":5,"call":{}}`, `{"result":-1,"call":[1]}`, `{"result":0}`, `{"end":{}}`)
	run(`{"end":{}}`)
	run(`{"end":{"error":{"name":"x"}}}`)
	run(`{"later":"fetch","id":-1,"url":"file:///etc/passwd","method":"GET"}`, `{"later":"exec","id":7}`, `{"now":"exec"}`, `{}`, `[]`)
	if report := run(`{"emit":{"type":"track"}}`); len(report.Emitted) > 0 {
		t.Error("an insert function emitted calls")
	}
	run(`{"now":"random","size":1e9}`)
	run(`{"now":"random","size":-5}`, `{"now":"hash","hash":"sha256","bytes":"!"}`, `{"now":"url","url":"::"}`, `{"later":"timer","id":1,"ms":-1e300}`)
	well(t)
}

func TestOneHostileCallFailsAlone(t *testing.T) {
	e := quick(t)
	code := `async function onTrack(event) { if (event.bad) for (;;); return { n: event.n } }`
	report, err := e.Run(t.Context(), Job{Code: code, Insert: true, Calls: calls(`{"type":"track","n":1}`, `{"type":"track","bad":true}`, `{"type":"track","n":3}`)})
	if err != nil {
		t.Fatal(err)
	}
	r := report.Results
	if string(r[0].Call) != `{"n":1}` || r[1].Err == nil || r[1].Err.Name != Timeout || string(r[2].Call) != `{"n":3}` {
		t.Errorf("got %+v", r)
	}
}

func TestManyHostileCallsAreNotAllTried(t *testing.T) {
	e := with(t, func(e *Engine) { e.limits.Time = 300 * time.Millisecond })
	report, err := e.Run(t.Context(), Job{Code: `async function onTrack(event) { for (;;); }`, Insert: true, Calls: calls(strings.Split(strings.Repeat(`{"type":"track"} `, 50)[:50*17-1], " ")...)})
	if err != nil || len(report.Results) != 50 {
		t.Fatalf("%d results, %v", len(report.Results), err)
	}
	for i, r := range report.Results {
		if r.Err == nil || r.Err.Name != Timeout {
			t.Errorf("call %d: %v", i, r.Err)
		}
	}
	if report.Took > 20*time.Second {
		t.Errorf("it took %v", report.Took)
	}
}

func TestFloodsAreCut(t *testing.T) {
	e := with(t, func(e *Engine) { e.limits.Time, e.limits.Output = 20*time.Second, 1<<20 })
	report, err := e.Run(t.Context(), Job{Code: `async function onTrack(event) { for (let i = 0; i < 2e4; i++) console.log('flood', i, 'x'.repeat(1000)); return event }`, Calls: calls(order), Insert: true})
	if err != nil || report.Results[0].Err != nil {
		t.Errorf("console flood: %v, %v; it is cut, not punished", err, report.Results)
	}
	if n := len(report.Console); n == 0 || n > 4<<10 {
		t.Errorf("the console kept %d bytes, want at most 4096", n)
	}
	f := func(code, name string) {
		t.Helper()
		report, err := e.Run(t.Context(), Job{Code: code, Request: &Request{Method: "POST", URL: "http://h/"}})
		if err != nil || len(report.Results) != 1 || report.Results[0].Err == nil || report.Results[0].Err.Name != name {
			t.Errorf("%s: got %+v, %v, want %s", code, report.Results, err, name)
		}
		if len(report.Emitted) > 1000 {
			t.Errorf("%d calls were emitted", len(report.Emitted))
		}
	}
	f(`async function onRequest() { for (;;) Segment.track({ event: 'x' }) }`, TooMuch)
	f(`async function onRequest() { Segment.track({ event: 'x'.repeat(2e6) }) }`, TooMuch)
	f(`async function onRequest() { const std = await import('qjs:std'); for (;;) { std.out.puts('x'); } }`, TooMuch)
	f(`async function onRequest() { const std = await import('qjs:std'); for (let i = 0; i < 100; i++) std.err.puts('x'.repeat(1e5)); throw new RangeError() }`, "RangeError")
	well(t)
}

func TestRequestsAreCounted(t *testing.T) {
	var most, under, all atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		all.Add(1)
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		runtime.Gosched()
		under.Add(-1)
	}))
	defer server.Close()
	got := value(t, shared, `(async () => { const all = await Promise.allSettled(Array.from({ length: 900 }, () => fetch('`+server.URL+`'))); return [all.filter((r) => r.status === 'fulfilled').length, all.find((r) => r.reason)?.reason.message] })()`)
	if got != `[100,"the function makes too many requests"]` || all.Load() != 100 {
		t.Errorf("got %s, and %d requests came; want 100", got, all.Load())
	}
	if most.Load() > 10 {
		t.Errorf("%d requests were under way at once, want at most 10", most.Load())
	}
	if got := value(t, shared, `Promise.all(Array.from({ length: 5000 }, () => new Promise((r) => setTimeout(r, 1e6)))).catch((e) => e.message)`); !strings.HasPrefix(got, "Error: more than 1000") && !strings.HasPrefix(got, "TypeError: more than 1000") {
		t.Errorf("5000 timers: got %s", got)
	}
}

func TestPrivateAddressesAreNotReached(t *testing.T) {
	inside, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	reached := atomic.Bool{}
	private := &httptest.Server{Listener: inside, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) })}}
	private.Start()
	defer private.Close()
	_, port, _ := net.SplitHostPort(inside.Addr().String())
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
	}))
	defer public.Close()

	f := func(url string) {
		t.Helper()
		got := value(t, shared, `fetch('`+strings.ReplaceAll(url, "PORT", port)+`').then((r) => r.status, (e) => [e.name, e.message])`)
		if !strings.Contains(got, `"TypeError"`) || !strings.Contains(got, "may not be reached") {
			t.Errorf("%s: got %s, want a refusal", url, got)
		}
	}
	f("http://127.0.0.2:PORT/")
	f("http://169.254.169.254/latest/meta-data/")
	f("http://10.0.0.1/")
	f("http://192.168.1.1/")
	f("http://172.16.0.1/")
	f("http://100.64.0.1/")
	f("http://0.0.0.0:PORT/")
	f("http://224.0.0.1/")
	f("http://255.255.255.255/")
	f("http://[::1]:PORT/")
	f("http://[::]:PORT/")
	f("http://[::ffff:127.0.0.2]:PORT/")
	f("http://[::ffff:7f00:2]:PORT/")
	f("http://[::127.0.0.2]:PORT/")
	f("http://[64:ff9b::a9fe:a9fe]/")
	f("http://[2002:7f00:2::]/")
	f("http://[fe80::1]/")
	f("http://[fc00::1]/")
	f("http://[fd00:ec2::254]/")
	f("http://[ff02::1]/")
	f(public.URL + "/?to=http://127.0.0.2:PORT/")
	f(public.URL + "/?to=http://169.254.169.254/latest/meta-data/")
	if reached.Load() {
		t.Error("the private server was reached")
	}
	for _, url := range []string{"file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.2/", "data:text/plain,x", "http://user:secret@127.0.0.1/", "http://", "//x"} {
		if got := value(t, shared, `fetch('`+url+`').then((r) => r.status, (e) => e.name)`); got != `"TypeError"` {
			t.Errorf("%s: got %s, want TypeError", url, got)
		}
	}
}

// A name is judged by what it resolves to when the connection is made.
func TestNamesThatLeadInsideAreNotReached(t *testing.T) {
	strict := with(t, func(e *Engine) { e.cfg.Client = outbound.Policy{}.Client() })
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server was reached by name") }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	// Numbers are no addresses for us, but for some resolvers: either way nothing is reached.
	for _, host := range []string{"localhost", "LOCALHOST.", "2130706433", "0x7f000001", "0177.0.0.1", "127.1"} {
		got := value(t, strict, `fetch('http://`+host+`:`+port+`/').then((r) => r.status, (e) => e.name)`)
		if got != `"TypeError"` && got != `"FetchError"` {
			t.Errorf("%s: got %s", host, got)
		}
	}
	if got := value(t, strict, `fetch('http://localhost:`+port+`/').catch((e) => e.message)`); !strings.Contains(got, "may not be reached") {
		t.Errorf("localhost: got %s, want a refusal", got)
	}
}

func TestSlowAndEndlessAnswersAreEnded(t *testing.T) {
	e := quick(t)
	var busy atomic.Int64 // requests that the server has; on a slow machine one may end before it gets there
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Add(-1)
		switch r.URL.Path {
		case "/endless":
			chunk := []byte(strings.Repeat("x", 64<<10))
			for {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/drip":
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
		case "/headers":
			for i := range 10000 {
				w.Header().Add(fmt.Sprintf("X-%d", i), strings.Repeat("x", 100))
			}
		default:
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	f := func(path, want string) {
		t.Helper()
		if got := value(t, e, `(await fetch('`+server.URL+path+`')).text()`); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %.100s, want %s", path, got, want)
		}
		for deadline := time.Now().Add(10 * time.Second); busy.Load() > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: the connection was left hanging", path)
			}
		}
	}
	f("/never", Timeout)
	f("/drip", Timeout)
	f("/endless", "TypeError: the answer has more than")
	f("/headers", FetchError)
}

func TestHeadersAreNotInjected(t *testing.T) {
	var seen atomic.Pointer[http.Request]
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r) }))
	defer server.Close()
	send := func(init string) string {
		return value(t, shared, `fetch('`+server.URL+`/', `+init+`).then((r) => r.status, (e) => e.name)`)
	}
	for _, init := range []string{
		`{ headers: { 'X-A': 'a\r\nX-Evil: 1' } }`, `{ headers: { 'X-A\r\nX-Evil': '1' } }`, `{ headers: { 'X A': '1' } }`, `{ headers: { '': '1' } }`,
		`{ method: 'GET / HTTP/1.1\r\nX-Evil: 1\r\n' }`, `{ method: 'CONNECT' }`, `{ method: 'GET', body: 'x' }`,
	} {
		if got := send(init); got != `"TypeError"` {
			t.Errorf("%s: got %s, want TypeError", init, got)
		}
	}
	if seen.Load() != nil {
		t.Error("a request that is not well formed was sent")
	}
	if got := send(`{ method: 'POST', body: 'abc', headers: { Host: 'evil', 'Content-Length': '1', 'Transfer-Encoding': 'chunked', 'Proxy-Authorization': 'x', Connection: 'X-B', 'X-B': '1' } }`); got != "200" {
		t.Fatalf("got %s", got)
	}
	r := seen.Load()
	if r.Host == "evil" || r.ContentLength != 3 || r.Header.Get("Proxy-Authorization") != "" || r.Header.Get("X-B") != "1" {
		t.Errorf("sent host %q, length %d, headers %v", r.Host, r.ContentLength, r.Header)
	}
}

func TestRunsEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := shared.Run(ctx, Job{Code: `async function onTrack() { for (;;); }`, Calls: calls(order)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	well(t)
}

// While some functions loop, others go on.
func TestHostileRunsLeaveRoomForOthers(t *testing.T) {
	e := with(t, func(e *Engine) { e.limits.Time, e.places = 500*time.Millisecond, newPlaces(2, 100*time.Millisecond) })
	done := make(chan error, 8)
	for i := range 8 {
		go func() {
			code := `async function onTrack(event) { return event }`
			if i%2 == 0 {
				code = `async function onTrack() { for (;;); }`
			}
			report, err := e.Run(t.Context(), Job{Code: code, Calls: calls(order), Insert: true})
			if err == nil && (report.Results[0].Err != nil) != (i%2 == 0) {
				err = fmt.Errorf("run %d: %v", i, report.Results[0].Err)
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestStackIsChangedInTheKnownProgramAlone(t *testing.T) {
	for _, bad := range [][]byte{[]byte("\x00asm\x01\x00\x00\x00"), []byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x01\x03"), []byte("\x00asm\x01\x00\x00\x00\x05\x7f")} {
		if _, err := withStack(bad); !errors.Is(err, errBinary) {
			t.Errorf("%x: got %v", bad, err)
		}
	}
	if err := limitStack(make([]byte, 1<<20)); !errors.Is(err, errBinary) {
		t.Errorf("memory without the mark: got %v", err)
	}
}

func TestDeepRecursionIsARangeError(t *testing.T) {
	for _, start := range []string{`(function f() { return f() + 1 })()`, `(() => { const o = { get x() { return this.x } }; o.x })()`} {
		if got := value(t, shared, `(() => { try { return `+start+` } catch (e) { return e.name } })()`); got != `"RangeError"` {
			t.Errorf("%s: got %.100s, want RangeError", start, got)
		}
	}
}

func TestDeepButHonestCallsGoThrough(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 250) + "1" + strings.Repeat("}", 250)
	report, err := shared.Run(t.Context(), Job{Insert: true, Calls: calls(`{"type":"track","properties":` + deep + `}`),
		Code: `const walk = (v) => typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, walk(x)])) : v
async function onTrack(event) { return walk(event) }`})
	if err != nil || report.Results[0].Err != nil || !strings.Contains(string(report.Results[0].Call), deep) {
		t.Errorf("got %v, %v", err, report.Results)
	}
}
