package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/api"
)

// preview asks what would be sent, and holds the answer to have no secret.
func (s *server) preview(body string, secrets ...string) []api.PreviewedCall {
	s.t.Helper()
	status, answer := s.do(http.MethodPost, "/api/v1/destinations/preview", body)
	if status != http.StatusOK {
		s.t.Fatalf("preview %s: %d %s", body, status, answer)
	}
	for _, secret := range secrets {
		if strings.Contains(answer, secret) {
			s.t.Errorf("preview %s: the answer holds %q: %s", body, secret, answer)
		}
	}
	var out struct{ Results []api.PreviewedCall }
	s.change(http.MethodPost, "destinations/preview", body, &out)
	return out.Results
}

func TestConnectionsAreTriedBeforeTheyAreSaved(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	h := startHook(t)
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, _, _ := r.BasicAuth(); user != "wk_of_the_place" && r.Header.Get("X-Key") != "key-of-the-place" {
			http.Error(w, "who are you with "+r.Header.Get("X-Key"), http.StatusUnauthorized)
		}
	}))
	defer place.Close()
	f := func(body string, want api.DestinationTest) {
		t.Helper()
		var got api.DestinationTest
		if s.change(http.MethodPost, "destinations/test", body, &got); got != want {
			t.Errorf("%s: got %+v, want %+v", body, got, want)
		}
	}
	draft := func(header string) string {
		return fmt.Sprintf(`{"kind":"webhook","settings":{"url":%q,"headers":"X-Key: %s"}}`, place.URL, header)
	}
	f(draft("key-of-the-place"), api.DestinationTest{OK: true})
	f(draft("another-key"), api.DestinationTest{Message: "401: who are you with …"})
	f(`{"kind":"objects"}`, api.DestinationTest{OK: true})

	// What is kept of a destination need not be said again, and what is tried is not kept.
	var d api.Destination
	s.change(http.MethodPost, "destinations", fmt.Sprintf(`{"name":"kept","kind":"webhook","enabled":false,"settings":{"url":%q,"headers":"X-Key: key-of-the-place"}}`, place.URL), &d)
	f(fmt.Sprintf(`{"destination":%q}`, d.ID), api.DestinationTest{OK: true})
	f(fmt.Sprintf(`{"destination":%q,"settings":{"headers":"X-Key: another-key"}}`, d.ID), api.DestinationTest{Message: "401: who are you with …"})
	f(fmt.Sprintf(`{"destination":%q}`, d.ID), api.DestinationTest{OK: true})

	for body, want := range map[string]int{
		`{"kind":"webhook"}`: http.StatusBadRequest, `{"kind":"webhook","settings":{"url":"ftp://x"}}`: http.StatusBadRequest,
		`{"kind":"none"}`: http.StatusBadRequest, `{}`: http.StatusBadRequest, `{"destination":"dst_none"}`: http.StatusNotFound,
	} {
		if status, answer := s.do(http.MethodPost, "/api/v1/destinations/test", body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, answer, want)
		}
	}
	if got := h.got(); len(got) > 0 {
		t.Errorf("a test sent %q", got)
	}
}

func TestPreviewsSayWhatWouldBeSent(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	h := startHook(t)
	s.post(testKey, track("event-0000000000001", "ada", "Message Sent"))
	s.post(testKey, track("event-0000000000002", "bob", "Stock Purchased"))
	s.settle()
	var f functionAnswer
	s.ask(http.MethodPost, "functions", map[string]any{"name": "no bob", "kind": "insert", "code": `function onTrack(e) {
		if (e.userId === 'bob') throw new DropEvent('no')
		if (e.event === 'Refused') throw new ValidationError('not this')
		e.properties.team = 'growth'
		return e
	}`}, &f)
	s.ask(http.MethodPost, "functions/"+f.ID+"/deploy", map[string]any{}, &f)

	given := `{"type":"track","event":"Stock Sold","userId":"cyd","properties":{"note":"x"}}`
	hook := fmt.Sprintf(`"kind":"webhook","settings":{"url":%q,"secret":%q}`, h.url, hookSecret)
	mapped := `"mapping":{"what":{"@path":"$.event"},"team":{"@path":"$.properties.team"}}`
	got := s.preview(fmt.Sprintf(`{%s,%s,"functions":[%q],"filter":{"except":["Message Received"]},"calls":[%s,%s,%s,{"type":"identify","userId":"cyd"}],"recent":2}`,
		hook, mapped, f.ID, given, strings.Replace(given, "Stock Sold", "Refused", 1), strings.Replace(given, "Stock Sold", "Message Received", 1)), hookSecret, "s3cret-path")
	var words []string
	for _, one := range got {
		words = append(words, strings.TrimSpace(one.Outcome+" "+one.Reason+" "+string(one.Out)))
	}
	want := []string{
		`sent  {"team":"growth","what":"Stock Sold"}`,
		"discarded function " + f.ID + ": ValidationError: not this",
		"filtered",
		"discarded function " + f.ID + ": EventNotSupported: the function has no onIdentify",
		"dropped", // the newest is bob's
		`sent  {"team":"growth","what":"Message Sent"}`,
	}
	if len(words) != len(want) {
		t.Fatalf("got %q, want %q", words, want)
	}
	for i := range want {
		if words[i] != want[i] {
			t.Errorf("call %d: got %q, want %q", i, words[i], want[i])
		}
	}
	if r := got[0].Request; r == nil || r.Method != http.MethodPost || h.url != r.Origin+"/hook/s3cret-path" || r.Body != string(got[0].Out) {
		t.Errorf("request %+v", r)
	}

	// A short secret, and one that JSON and URLs write in another way, are hidden, too.
	for _, key := range []string{"k7", `k"7<&>/ä`} {
		settings := fmt.Sprintf(`"kind":"amplitude","settings":{"api_key":%q}`, key)
		got = s.preview(fmt.Sprintf(`{%s,"calls":[%s]}`, settings, given), key, "k7", `k\\\"7`)
		if r := got[0].Request; r == nil || !strings.HasPrefix(r.Body, `{"api_key":"…","events":[{`) || !strings.Contains(r.Body, "Stock Sold") {
			t.Errorf("key %q: request %+v", key, r)
		}
	}
	if got = s.preview(fmt.Sprintf(`{"kind":"objects","calls":[%s]}`, given)); got[0].Request != nil || !strings.Contains(string(got[0].Out), "Stock Sold") {
		t.Errorf("of a kind that is not one request: %+v", got[0])
	}

	d := s.addHook(h, `,"enabled":false,`+mapped)
	kept := s.preview(fmt.Sprintf(`{"destination":%q,"recent":1}`, d.ID), hookSecret, "s3cret-path")
	changed := s.preview(fmt.Sprintf(`{"destination":%q,"mapping":null,"recent":1}`, d.ID), hookSecret, "s3cret-path")
	if string(kept[0].Out) != `{"what":"Stock Purchased"}` || !strings.Contains(string(changed[0].Out), `"messageId":"event-0000000000002"`) {
		t.Errorf("as it is kept %s, with the default mapping %s", kept[0].Out, changed[0].Out)
	}

	for _, body := range []string{`{` + hook + `}`, `{` + hook + `,"recent":21}`, `{` + hook + `,"recent":-1}`, `{` + hook + `,"calls":[{"event":"x"}]}`, `{` + hook + `,"calls":[1]}`,
		`{` + hook + `,"recent":1,"mapping":{"@nothing":1}}`, `{"kind":"none","recent":1}`} {
		if status, answer := s.do(http.MethodPost, "/api/v1/destinations/preview", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	if got := h.got(); len(got) > 0 {
		t.Errorf("a preview sent %q", got)
	}
}
