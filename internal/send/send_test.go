package send

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
)

// server is a fake of the batch route, used as a transport. It refuses calls whose event is "bad" and
// keeps the others once per id.
type server struct {
	mu      sync.Mutex
	answers []func() *http.Response // given before all others, in turn
	ids     []string                // in order of arrival, repeats left out
	seen    map[string]bool
	bodies  [][]byte
	key     string
}

func reply(status int, body string, header ...string) func() *http.Response {
	return func() *http.Response {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
	}
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, _, _ = r.BasicAuth()
	s.bodies = append(s.bodies, body)
	if len(s.answers) > 0 {
		a := s.answers[0]
		s.answers = s.answers[1:]
		if a == nil {
			return nil, errors.New("connection reset")
		}
		if resp := a(); resp.StatusCode != http.StatusOK {
			return resp, nil
		}
	}
	var in struct {
		SentAt time.Time
		Batch  []struct{ MessageID, Event string }
	}
	if err := json.Unmarshal(body, &in); err != nil || in.SentAt.IsZero() {
		return reply(400, `{"code":"invalid_json","message":"no"}`)(), nil
	}
	rejected := []map[string]any{}
	for i, c := range in.Batch {
		switch {
		case c.Event == "poison":
			return reply(400, `{"code":"poisoned","message":"whole batch"}`)(), nil
		case c.Event == "bad":
			rejected = append(rejected, map[string]any{"index": i, "code": "bad_event", "message": "is bad"})
		case !s.seen[c.MessageID]:
			s.seen[c.MessageID] = true
			s.ids = append(s.ids, c.MessageID)
		}
	}
	out, err := json.Marshal(map[string]any{"success": true, "rejected": rejected})
	if err != nil {
		return nil, err
	}
	return reply(200, string(out))(), nil
}

func newServer(answers ...func() *http.Response) *server {
	return &server{seen: map[string]bool{}, answers: answers}
}

func (s *server) config() Config {
	return Config{Server: "http://test", WriteKey: "wk_1", Client: &http.Client{Transport: s}}
}

// lines makes n calls with the ids 0, 1, 2 …
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"type":"track","messageId":"%d","event":"E"}`+"\n", i)
	}
	return b.String()
}

func input(t *testing.T, text string) *Input {
	t.Helper()
	in, err := NewInput(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestOrderIsKeptAndBatchesAreBounded(t *testing.T) {
	s := newServer()
	c := s.config()
	c.BatchCalls, c.BatchBytes = 7, 200
	sum, err := Run(t.Context(), c, input(t, lines(100)))
	if err != nil || sum.Accepted != 100 || sum.Done != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	for i, id := range s.ids {
		if id != fmt.Sprint(i) {
			t.Fatalf("call %d has id %s", i, id)
		}
	}
	for _, b := range s.bodies {
		if len(b) > 200+60 {
			t.Errorf("a request of %d bytes", len(b))
		}
	}
	if s.key != "wk_1" {
		t.Errorf("write key %q", s.key)
	}
}

func TestRefusedCallsAreToldByLine(t *testing.T) {
	s := newServer()
	in := `{"messageId":"a","event":"E"}

not json
[1]
{"messageId":"b","event":"bad"}
{"messageId":"c","event":"poison"}
{"messageId":"d","event":"E"}` // no newline at the end
	sum, err := Run(t.Context(), s.config(), input(t, in))
	if err != nil {
		t.Fatal(err)
	}
	if sum.Accepted != 2 || sum.Rejected != 2 || sum.Invalid != 2 {
		t.Errorf("%+v", sum)
	}
	if got := strings.Join(s.ids, ","); got != "a,d" {
		t.Errorf("stored %s, want a,d", got)
	}
	var b strings.Builder
	if err := sum.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"invalid_line ×2", "3: invalid_line: not JSON", "4: invalid_line: not a JSON object", "5: bad_event: is bad", "6: poisoned: whole batch"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("summary lacks %q:\n%s", want, b.String())
		}
	}
}

func TestStrictEndsAtTheFirstBadLine(t *testing.T) {
	s := newServer()
	c := s.config()
	c.Strict = true
	_, err := Run(t.Context(), c, input(t, lines(2)+"nonsense\n"))
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("got %v, want an error naming line 3", err)
	}
}

func TestPressureAndFailuresAreWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(reply(429, "", "Retry-After", "7"), nil, reply(503, "busy"), reply(200, ""))
		start := time.Now()
		sum, err := Run(t.Context(), s.config(), input(t, lines(3)))
		if err != nil || sum.Accepted != 3 || sum.Retries != 3 {
			t.Fatalf("%+v, %v", sum, err)
		}
		if waited := time.Since(start); waited != 7*time.Second+1500*time.Millisecond {
			t.Errorf("waited %v; want 7 s as told, then 0.5 s and 1 s", waited)
		}
		first, last := s.bodies[0], s.bodies[len(s.bodies)-1]
		if bytes.Equal(first, last) || !bytes.Equal(first[40:], last[40:]) {
			t.Errorf("a retry has a new sentAt and the same calls; got\n%s\n%s", first, last)
		}
	})
}

func TestFailuresEndARun(t *testing.T) {
	f := func(want string, answers ...func() *http.Response) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			c := newServer(answers...).config()
			c.Attempts = 2
			_, err := Run(t.Context(), c, input(t, lines(3)))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	f("gave up after 2 attempts at line 1", nil, nil)
	f("the server refuses the write key: unknown key", reply(401, `{"code":"invalid_write_key","message":"unknown key"}`))
	f("answers 404: Not Found", reply(404, `<html>`))
}

func TestResumeSendsTheRestOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	text := strings.ReplaceAll(lines(50), `"messageId":`, `"n":`) // no event ids
	s := newServer(reply(200, ""), reply(200, ""), reply(401, ""))
	c := s.config()
	c.BatchCalls, c.Resume = 10, file
	if _, err := Run(t.Context(), c, input(t, text)); err == nil {
		t.Fatal("the third request did not fail")
	}
	if len(s.ids) != 20 {
		t.Fatalf("stored %d, want 20", len(s.ids))
	}
	sum, err := Run(t.Context(), c, input(t, text))
	if err != nil || sum.Skipped != 20 || sum.Accepted != 30 || len(s.ids) != 50 {
		t.Errorf("second run: %+v, %v, stored %d", sum, err, len(s.ids))
	}
	c.Resume = ""
	if _, err := Run(t.Context(), c, input(t, text)); err != nil || len(s.ids) != 50 {
		t.Errorf("all again: %v, stored %d; ids made by line are the same again", err, len(s.ids))
	}
	c.Resume = file
	if _, err := Run(t.Context(), c, input(t, lines(5))); err == nil || !strings.Contains(err.Error(), "another input") {
		t.Errorf("another input: %v", err)
	}
}

func TestInterruptedRunSavesWhatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := newServer(reply(200, ""), func() *http.Response { cancel(); return reply(503, "")() })
		c := s.config()
		c.BatchCalls, c.Resume = 10, filepath.Join(t.TempDir(), "state.json")
		if _, err := Run(ctx, c, input(t, lines(30))); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want canceled", err)
		}
		sum, err := Run(t.Context(), c, input(t, lines(30)))
		if err != nil || sum.Skipped != 10 || len(s.ids) != 30 {
			t.Errorf("%+v, %v, stored %d", sum, err, len(s.ids))
		}
	})
}

func TestCompressedInput(t *testing.T) {
	f := func(name string, compress func(io.Writer) io.WriteCloser) {
		t.Helper()
		var b bytes.Buffer
		w := compress(&b)
		if _, err := io.WriteString(w, lines(30)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s := newServer()
		in, err := NewInput(&b, 0)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := Run(t.Context(), s.config(), in); err != nil || sum.Accepted != 30 || sum.Done != -1 {
			t.Errorf("%s: %+v, %v", name, sum, err)
		}
	}
	f("gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	f("zstd", func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			t.Fatal(err)
		}
		return z
	})
	if _, err := NewInput(strings.NewReader("\x1f\x8bnonsense"), 0); err == nil {
		t.Error("broken gzip was taken")
	}
}

func TestTruncatedGzipIsAnError(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, lines(5000)); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	in, err := NewInput(bytes.NewReader(b.Bytes()[:b.Len()/2]), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), newServer().config(), in); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an unexpected end", err)
	}
}

func TestRateHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		c := s.config()
		c.BatchCalls, c.Rate = 10, 20
		start := time.Now()
		if _, err := Run(t.Context(), c, input(t, lines(60))); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 2500*time.Millisecond || took > 3*time.Second {
			t.Errorf("60 calls at 20/s took %v", took)
		}
	})
}

func TestConcurrentRunStoresAll(t *testing.T) {
	s := newServer()
	c := s.config()
	c.BatchCalls, c.Concurrency, c.Resume = 3, 4, filepath.Join(t.TempDir(), "state.json")
	if sum, err := Run(t.Context(), c, input(t, lines(500))); err != nil || sum.Accepted != 500 || len(s.ids) != 500 {
		t.Errorf("%+v, %v, stored %d", sum, err, len(s.ids))
	}
	if sum, err := Run(t.Context(), c, input(t, lines(500))); err != nil || sum.Requests != 0 || sum.Skipped != 500 {
		t.Errorf("again: %+v, %v", sum, err)
	}
}

func TestLongAndOddLines(t *testing.T) {
	s := newServer()
	long := `{"messageId":"long","event":"` + strings.Repeat("x", 1<<20) + `"}`
	in := "\xef\xbb\xbf" + `{"messageId":"bom"}` + "\r\n" + long + "\n" + `{"messageId":null,"event":"E"}` + "\n" + `{}` + "\n"
	sum, err := Run(t.Context(), s.config(), input(t, in))
	if err != nil || sum.Accepted != 4 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if s.ids[0] != "bom" || s.ids[1] != "long" || !strings.HasPrefix(s.ids[2], "send-") || len(s.ids) != 4 {
		t.Errorf("ids %v", s.ids)
	}
}
