package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/debrief-dev/debrief/internal/app"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"debrief": main})
}

func TestExitCodesTellFailuresFromMistakes(t *testing.T) {
	f := func(want int, args ...string) {
		t.Helper()
		var out, err strings.Builder
		if got := run(t.Context(), stdio{in: strings.NewReader(""), out: &out, err: &err}, args); got != want {
			t.Errorf("%q: exit code %d, want %d\n%s%s", args, got, want, &out, &err)
		}
	}
	f(0)
	f(0, "help")
	f(0, "send", "--help")
	f(0, "version")
	f(1, "login-link", "--data", t.TempDir())
	f(1, "send", "--write-key", "k", filepath.Join(t.TempDir(), "missing"))
	f(2, "nonsense")
	f(2, "send")
	f(2, "serve", "--nonsense")
}

// Scripts run the real program. Beside testscript's own commands there are:
//
//	ready           waits until the server in the background, on ./data, is ready, and sets $URL
//	settled         waits until everything that it has acknowledged is in the figures; needs DEBRIEF_TOKEN
//	calls N FILE    writes N calls without event ids, a user's messages of one conversation
//	get PATH        prints what the server answers, with the token DEBRIEF_TOKEN if there is one
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("DEBRIEF_LISTEN", "127.0.0.1:0")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready": cmdReady, "settled": cmdSettled, "calls": cmdCalls, "get": cmdGet,
		},
	})
}

func cmdReady(ts *testscript.TestScript, _ bool, _ []string) {
	url, err := awaitReady(ts.MkAbs("data"))
	ts.Check(err)
	ts.Setenv("URL", url)
}

// awaitReady waits for the server of a data directory and returns its address.
func awaitReady(dir string) (url string, err error) {
	left := awaitNothing(time.Minute, func() string {
		if url, err = app.Running(dir); err != nil {
			return err.Error()
		}
		resp, err := http.Get(url + "/readyz")
		if err != nil {
			return err.Error()
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return resp.Status
		}
		return ""
	})
	if left != "" {
		return "", fmt.Errorf("the server is not ready after a minute: %s", left)
	}
	return url, nil
}

func cmdSettled(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(awaitSettled(&apiClient{server: ts.Getenv("URL"), token: ts.Getenv("DEBRIEF_TOKEN"), http: http.DefaultClient}))
}

// awaitSettled waits until everything acknowledged is in the figures.
func awaitSettled(api *apiClient) error {
	var err error
	waiting := awaitNothing(time.Minute, func() string {
		var status struct {
			Pipeline struct {
				Lag int `json:"lag_records"`
			}
		}
		if err = api.do(context.Background(), http.MethodGet, "status", nil, &status); err != nil {
			return ""
		}
		return left(status.Pipeline.Lag, "records")
	})
	if waiting != "" {
		return fmt.Errorf("figures stay behind, a minute after: %s", waiting)
	}
	return err
}

func cmdCalls(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"type":"track","userId":"ada","event":"Message Sent","timestamp":"2026-03-01T12:%02d:%02dZ","properties":{"conversationId":"c1","role":"customer","message_body":"no %d"}}`+"\n",
			i/60%60, i%60, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o600))
}

func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+args[0], nil)
	ts.Check(err)
	if token := ts.Getenv("DEBRIEF_TOKEN"); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	if ok := resp.StatusCode < 300; ok == neg {
		ts.Fatalf("GET %s: %s", args[0], resp.Status)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d ", resp.StatusCode)
	_, err = io.Copy(&b, resp.Body)
	ts.Check(err)
	_, err = fmt.Fprintln(ts.Stdout(), b.String())
	ts.Check(err)
}
