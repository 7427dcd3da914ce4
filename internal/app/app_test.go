package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/config"
)

func TestCallsBecomeFiguresAndSurviveRestarts(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.post(testKey, conversation()...)
	s.settle()
	if got := s.figures(); got != wantFigures {
		t.Errorf("got  %s\nwant %s", got, wantFigures)
	}
	for range 2 {
		s.stop()
		s = start(t, dir, func(c *Config) { c.Bootstrap = config.Bootstrap{WriteKey: "wk_other"} }) // no first start any more
		s.settle()
		if got := s.figures(); got != wantFigures {
			t.Errorf("after a restart: got  %s\nwant %s", got, wantFigures)
		}
		s.post(testKey, conversation()...) // the same again
		s.settle()
		if got := s.figures(); got != wantFigures {
			t.Errorf("after a repetition: got  %s\nwant %s", got, wantFigures)
		}
	}
	var list struct{ Sources []struct{ ID string } }
	s.get("sources", &list)
	if len(list.Sources) != 1 {
		t.Errorf("sources %v; want the first alone", list.Sources)
	}
	var q struct{ Duplicates int64 }
	s.get("sources/default/quality", &q)
	if q.Duplicates != 10 {
		t.Errorf("%d duplicates counted, want 10", q.Duplicates)
	}
}

func TestFirstStartWithoutBootstrapHasASource(t *testing.T) {
	s := start(t, t.TempDir(), func(c *Config) { c.Bootstrap = config.Bootstrap{} })
	sources, err := s.meta.Sources(t.Context(), "default")
	if err != nil || len(sources) != 1 || len(sources[0].Keys) != 1 || !strings.HasPrefix(sources[0].Keys[0].Key, "wk_") {
		t.Errorf("sources %+v, %v", sources, err)
	}
	if status, _ := s.do(http.MethodGet, "/api/v1/me", ""); status != http.StatusUnauthorized {
		t.Errorf("a token that nobody made: %d", status)
	}
}

func TestRejectedCallsAreSeenAndCounted(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, `{"type":"track","userId":"ada"}`, call("1", "Message Sent", `"x":1`))
	s.settle()
	var list struct {
		Rejections []struct{ Code, Call string }
	}
	s.until("the rejection is listed", func() bool { s.get("rejections", &list); return len(list.Rejections) > 0 })
	if len(list.Rejections) != 1 || list.Rejections[0].Code != "missing_event_name" || !strings.Contains(list.Rejections[0].Call, "ada") {
		t.Errorf("rejections %+v", list.Rejections)
	}
	var q struct {
		Rejections []struct {
			Code  string
			Count int64
		}
	}
	s.get("sources/default/quality", &q)
	if len(q.Rejections) != 1 || q.Rejections[0].Count != 1 {
		t.Errorf("quality %+v", q)
	}
}

func TestDoorGetsOddPathsAndNoRedirects(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/v1/batch", "//v1/batch", "/v1/batch/", "/v1//batch", "/v1/import/"} {
		req, err := http.NewRequest(http.MethodPost, s.LocalURL(), strings.NewReader(`{"batch":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Path = path
		req.SetBasicAuth(testKey, "")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("POST %s: %d", path, resp.StatusCode)
		}
	}
}

func TestWriteKeysOnlyWrite(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	ask := func(set func(*http.Request), want int) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, s.LocalURL()+"/api/v1/conversations", nil)
		if err != nil {
			t.Fatal(err)
		}
		set(req)
		if resp, _ := s.send(req); resp.StatusCode != want {
			t.Errorf("%d, want %d", resp.StatusCode, want)
		}
	}
	ask(func(r *http.Request) { r.SetBasicAuth(testKey, "") }, 401)
	ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testKey) }, 401)
	ask(func(*http.Request) {}, 401)
	ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testToken) }, 200)
	if status, body := s.do(http.MethodPost, "/v1/batch", `{"batch":[]}`); status != 401 {
		t.Errorf("an API token at the door: %d %s", status, body)
	}
}

func TestNewWriteKeysWorkAtOnceAndDisabledSourcesDoNot(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	status, body := s.do(http.MethodPost, "/api/v1/sources", `{"name":"Web app"}`)
	var src struct {
		ID        string   `json:"id"`
		WriteKeys []string `json:"write_keys"`
	}
	if err := json.Unmarshal([]byte(body), &src); status != http.StatusCreated || err != nil {
		t.Fatalf("create: %d %s", status, body)
	}
	if log, err := s.meta.Audit(t.Context(), 1); err != nil || log[0].Action != "source.create" || !strings.HasPrefix(log[0].Actor, "token:tok_") {
		t.Errorf("audit log %+v, %v; want the token that added the source", log, err)
	}
	s.post(src.WriteKeys[0], call("1", "Message Sent", `"x":1`))
	if status, body := s.do(http.MethodPatch, "/api/v1/sources/"+src.ID, `{"enabled":false}`); status != 200 {
		t.Fatalf("disable: %d %s", status, body)
	}
	if status, body := s.do(http.MethodPost, "/v1/track?writeKey="+src.WriteKeys[0], call("2", "E", `"x":1`)); status == 200 {
		t.Errorf("a disabled source is taken: %s", body)
	}
	if status, _ := s.do(http.MethodPost, "/api/v1/sources", `{"name":""}`); status != 400 {
		t.Errorf("a source without name: %d, want 400", status)
	}
	if status, _ := s.do(http.MethodPatch, "/api/v1/sources/none", `{"enabled":false}`); status != 404 {
		t.Errorf("an unknown source: %d, want 404", status)
	}
}

func TestTestConversationGoesThroughTheDoor(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	status, body := s.do(http.MethodPost, "/api/v1/test-conversation", `{"source":"default"}`)
	var sent struct {
		ConversationID string `json:"conversation_id"`
		Events         int
	}
	if err := json.Unmarshal([]byte(body), &sent); status != http.StatusAccepted || err != nil {
		t.Fatalf("%d %s", status, body)
	}
	s.settle()
	var c struct {
		Conversation struct {
			Messages int64
			Ended    bool
			Rated    int64
		}
		Events []struct {
			Repairs    []struct{ Code string }
			Violations []string
		}
	}
	s.get("conversations/"+sent.ConversationID, &c)
	if c.Conversation.Messages != 2 || !c.Conversation.Ended || c.Conversation.Rated != 1 || len(c.Events) != sent.Events {
		t.Errorf("conversation %+v with %d events, want %d", c.Conversation, len(c.Events), sent.Events)
	}
	for _, e := range c.Events {
		if len(e.Repairs)+len(e.Violations) > 0 {
			t.Errorf("our own test conversation needs repair: %+v", e)
		}
	}
}

func TestLiveViewEndsWhenTheServerStops(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.LocalURL()+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() { // the greeting: we are subscribed
		t.Fatal(lines.Err())
	}
	s.post(testKey, conversation()[1])
	for lines.Scan() && !strings.Contains(lines.Text(), "Which") {
	}
	if !strings.Contains(lines.Text(), "Which") {
		t.Fatalf("the stream ended before the event: %v", lines.Err())
	}
	began := time.Now()
	s.stop()
	for lines.Scan() {
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v with a live view open", took)
	}
}

func TestDirectoryAndAddressInUseAreSaidClearly(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	try := func(dir, listen string) error {
		c := Config{Config: *config.Default(), Log: slog.New(slog.DiscardHandler)}
		c.Data, c.Listen = dir, listen
		a, err := Start(t.Context(), c)
		if err == nil {
			_ = a.Close(t.Context())
		}
		return err
	}
	if err := try(dir, "127.0.0.1:0"); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "--data") {
		t.Errorf("directory in use: %v", err)
	}
	address := strings.TrimPrefix(s.LocalURL(), "http://")
	if err := try(t.TempDir(), address); err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("address in use: %v", err)
	}
	if url, err := Running(dir); err != nil || url != s.LocalURL() {
		t.Errorf("running: %q, %v", url, err)
	}
	s.stop()
	if _, err := Running(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after the end: %v, want ErrNotRunning", err)
	}
}

func TestFirstLoginLinkOpensTheApp(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	open := func(url string) string {
		t.Helper()
		resp, err := browser.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %s", resp.StatusCode, body)
	}
	link, err := s.FirstLogin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := open(link); got != "200 the app" {
		t.Errorf("after the link: %s", got)
	}
	if got := open(s.LocalURL() + "/api/v1/me"); !strings.Contains(got, `"kind":"member"`) || !strings.Contains(got, `"role":"owner"`) {
		t.Errorf("me: %s", got)
	}
	again, err := LoginLink(t.Context(), dir, "") // while the server runs
	if err != nil || !strings.HasPrefix(again, "/login/link?token=") {
		t.Errorf("another link: %q, %v", again, err)
	}
	if got := open(s.LocalURL() + again); got != "200 the app" {
		t.Errorf("after the second link: %s", got)
	}
}

func TestReadinessNamesWhatFails(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	if status, body := s.do(http.MethodGet, "/readyz", ""); status != 200 || !strings.Contains(body, `"ready":true`) {
		t.Errorf("ready: %d %s", status, body)
	}
	if err := s.log.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := s.do(http.MethodGet, "/readyz", ""); status != 503 || !strings.Contains(body, "event log") {
		t.Errorf("with the log closed: %d %s", status, body)
	}
	if err := s.Wait(); err == nil || !strings.Contains(err.Error(), "pipeline") {
		t.Errorf("the end of the pipeline does not surface: %v", err)
	}
	app := s.App
	s.App = nil
	if err := app.Close(t.Context()); err == nil {
		t.Error("Close hides the failure")
	}
}

func TestMetricsAreOpenToThisMachine(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, conversation()...)
	resp, err := http.Get(s.LocalURL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Contains(body, []byte(`debrief_ingest_calls_accepted_total{protocol="segment"} 5`)) {
		t.Errorf("metrics: %v\n%s", err, body)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	var log bytes.Buffer
	s := start(t, t.TempDir(), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	link, err := s.FirstLogin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.post(testKey, conversation()...)
	s.do(http.MethodPost, "/v1/batch", "{broken")
	s.do(http.MethodGet, strings.TrimPrefix(link, s.URL()), "")
	s.settle()
	s.stop()
	_, secret, _ := strings.Cut(link, "token=")
	for _, word := range []string{testKey, testToken, secret, "stock", "broken"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("the log has %q:\n%s", word, log.String())
		}
	}
}

func TestDataDirectoryIsLaidOutByWorkspace(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, nil).stop()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if want := []string{"debrief.lock", "debrief.sqlite", "workspaces"}; !slices.Equal(names, want) {
		t.Errorf("directory holds %v, want %v", names, want)
	}
}

func TestRatingScaleOfSourceMustBeReadable(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	f := func(method, path, body string, status int) {
		t.Helper()
		got, answer := s.do(method, "/api/v1/sources"+path, body)
		if got != status || status == http.StatusBadRequest && !strings.Contains(answer, "such as") {
			t.Errorf("%s %s: %d %s, want %d", method, body, got, answer, status)
		}
	}
	f("POST", "", `{"name":"Web","rating_scale":"stars"}`, 400)
	f("POST", "", `{"name":"Web","rating_scale":"5-1"}`, 400)
	f("POST", "", `{"name":"Web","rating_scale":"0-10"}`, 201)
	f("PATCH", "/web", `{"rating_scale":"stars"}`, 400)
	f("PATCH", "/web", `{"rating_scale":"thumbs"}`, 200)
	f("PATCH", "/web", `{"rating_scale":""}`, 200)
}
