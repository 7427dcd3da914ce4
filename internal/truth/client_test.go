package truth_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/truth"
)

// fake is a server that has nothing, and does what the paths say.
func fake(t *testing.T, answers map[string]http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for prefix, answer := range answers {
			if strings.HasPrefix(r.URL.Path, "/api/v1/"+prefix) {
				answer(w, r)
				return
			}
		}
		fmt.Fprint(w, `{"total":{"value":null,"n":0},"events":[]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
}

func TestTruthOfNothing(t *testing.T) {
	got, err := truth.Query(t.Context(), truth.Config{Server: fake(t, nil), Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := got.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"first": null`, `"duration_s": null`, `"user_messages_until_conversion": null`, `"mean": null`, `"thumbs": {}`, `"conversations": 0`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is missing in\n%s", want, data)
		}
	}
}

func TestQueryChoosesTheDefinitionWithTheEvents(t *testing.T) {
	var asked atomic.Value
	server := fake(t, map[string]http.HandlerFunc{
		"conversions": text(`{"conversions":[{"name":"some","events":["A"]},{"name":"narrow","events":["A","B"],"where":["x:exists"]},{"name":"both","events":["B","A"]}]}`),
		"metrics/converted_conversations": func(w http.ResponseWriter, r *http.Request) {
			asked.Store(r.URL.Query().Get("conversion"))
			fmt.Fprint(w, `{"total":{"value":3,"n":3}}`)
		},
	})
	got, err := truth.Query(t.Context(), truth.Config{Server: server, Token: "t", ConversionEvents: []string{"A", "B"}})
	if err != nil || asked.Load() != "both" || got.Conversions.Conversations != 3 {
		t.Errorf("asked for %v, %v", asked.Load(), err)
	}
	if _, err := truth.Query(t.Context(), truth.Config{Server: server, Token: "t", ConversionEvents: []string{"C"}}); err == nil || !strings.Contains(err.Error(), "DEBRIEF_BOOTSTRAP_CONVERSIONS") {
		t.Errorf("no such definition: got %v", err)
	}
}

func TestQueryAsksABusyServerAgain(t *testing.T) {
	var turnedAway atomic.Bool
	server := fake(t, map[string]http.HandlerFunc{"metrics/events": func(w http.ResponseWriter, _ *http.Request) {
		if turnedAway.CompareAndSwap(false, true) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"total":{"value":5,"n":5}}`)
	}})
	got, err := truth.Query(t.Context(), truth.Config{Server: server, Token: "t"})
	if err != nil || got.Events != 5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestQueryFailsWithWhatTheServerSays(t *testing.T) {
	f := func(c truth.Config, want string) {
		t.Helper()
		if _, err := truth.Query(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
	refuse := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you?", http.StatusUnauthorized) }
	f(truth.Config{Server: fake(t, map[string]http.HandlerFunc{"metrics": refuse}), Token: "t"}, "who are you?")
	f(truth.Config{Server: "localhost:80", Token: "t"}, "--server")
	f(truth.Config{Server: "http://localhost"}, "--token")
	f(truth.Config{Server: "http://localhost", Token: "t", Conversion: "a", ConversionEvents: []string{"b"}}, "not both")
	var progress bytes.Buffer
	behind := text(`{"pipeline":{"lag_records":4}}`)
	f(truth.Config{Server: fake(t, map[string]http.HandlerFunc{"status": behind}), Token: "t", Wait: time.Millisecond, Progress: &progress}, "4 requests, 0 traces and 0 analyses behind")
	if !strings.Contains(progress.String(), "waiting: 4 requests") {
		t.Errorf("progress: %s", &progress)
	}
}
