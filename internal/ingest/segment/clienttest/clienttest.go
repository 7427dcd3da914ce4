// Package clienttest runs the official Segment SDKs against a server, each as a program of its own that
// says what it sent. Tests of the door use it, and tests of the whole product. The programs are not part of
// the repository; see package evaldata.
package clienttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Client is one way of sending: a program in a folder, and its settings.
type Client struct {
	Name   string
	Folder string   // below the folder of clients
	Args   []string // the command
	Env    []string // "NAME=value", beside BASE_URL and WRITE_KEY
	// Late says that the last calls may arrive after the program has ended.
	Late bool
	// NeedsScript says that the server must serve analytics.min.js.
	NeedsScript bool
	// Calls is how many calls of each type the program sends, where its report does not list them.
	Calls map[string]int
}

// Clients returns all of them.
func Clients() []Client {
	browser := func(name, mode, settings string) Client {
		return Client{Name: name, Folder: "segment-browser", Args: []string{"node", "run.mjs"}, Env: []string{"MODE=" + mode, "SETTINGS=" + settings}, Late: mode == "pagehide"}
	}
	snippet := Client{Name: "snippet", Folder: "segment-browser", Args: []string{"node", "snippet.mjs"}, Calls: map[string]int{"page": 1, "identify": 1, "track": 1}}
	served := snippet
	served.Name, served.Env, served.NeedsScript = "snippet served here", []string{"CDN_FROM_BASE=1"}, true
	return []Client{
		{Name: "node", Folder: "segment-node", Args: []string{"node", "run.mjs"}},
		{Name: "node one by one", Folder: "segment-node", Args: []string{"node", "run.mjs"}, Env: []string{"FLUSH_AT=1"}},
		{Name: "go", Folder: "segment-go", Args: []string{"go", "run", "."}},
		browser("browser", "standard", "remote"),
		browser("browser inline settings", "standard", "inline"),
		browser("browser batching", "batching", "remote"),
		browser("browser page hide", "pagehide", "remote"),
		snippet,
		served,
	}
}

// Report is what a client says it did.
type Report struct {
	RunID          string `json:"runId"`
	UserID         string `json:"userId"`
	AnonymousID    string `json:"anonymousId"`
	ConversationID string `json:"conversationId"`
	Expected       int    `json:"expected"` // calls
	Sent           []Sent `json:"sent"`
	OK             bool   `json:"ok"`
}

// Sent is one call that a client sent.
type Sent struct {
	Type      string `json:"type"`
	Event     string `json:"event"`
	MessageID string `json:"messageId"`
}

// Runner copies the clients' folders, installs what they need, and runs them.
type Runner struct {
	root, work string

	mu    sync.Mutex
	ready map[string]string
}

// NewRunner returns a runner for the clients below root (evaldata's folder "clients"). Its copies live as
// long as t.
func NewRunner(t testing.TB, root string) *Runner {
	return &Runner{root: root, work: t.TempDir(), ready: map[string]string{}}
}

// Folder returns the copy of a client's folder, ready to run.
func (r *Runner) Folder(t testing.TB, name string) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if dir, ok := r.ready[name]; ok {
		return dir
	}
	dir := filepath.Join(r.work, name)
	if err := copyFolder(dir, filepath.Join(r.root, name)); err != nil {
		t.Fatalf("copy client %s: %v", name, err)
	}
	install := []string{"npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-timeout=30000", "--fetch-retries=5", "--fetch-retry-mintimeout=1000"}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		install = []string{"go", "mod", "download"}
	}
	Output(t, dir, install, nil)
	r.ready[name] = dir
	return dir
}

// Run runs a client against a server and returns its report. A client that failed to deliver, or was
// refused, fails the test.
func (r *Runner) Run(t testing.TB, c Client, baseURL, writeKey string) Report {
	t.Helper()
	out := r.Output(t, c, baseURL, writeKey)
	var report Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("client %s: report %q: %v", c.Name, out, err)
	}
	if !report.OK {
		t.Fatalf("client %s failed:\n%s", c.Name, out)
	}
	return report
}

// Output runs a client against a server and returns what it printed, for clients with a report of their
// own. A client that ends with an error fails the test.
func (r *Runner) Output(t testing.TB, c Client, baseURL, writeKey string) []byte {
	t.Helper()
	return Output(t, r.Folder(t, c.Folder), c.Args, append(slices.Clone(c.Env), "BASE_URL="+baseURL, "WRITE_KEY="+writeKey))
}

const (
	patience = 4 * time.Minute  // for a program
	farewell = 10 * time.Second // for what it leaves behind, such as a browser that holds its output open
)

// Output runs a program in a folder with more environment ("NAME=value"), and returns what it printed. One that fails, or
// does not end in time, fails the test.
func Output(t testing.TB, dir string, args, env []string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, slices.Concat(os.Environ(), env, []string{"GOWORK=off"}), farewell
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrWaitDelay) {
		t.Logf("%s left something behind that holds its output open", strings.Join(args, " "))
		err = nil
	}
	if err != nil {
		t.Fatalf("%s in %s: %v, %v\n%s\n%s", strings.Join(args, " "), filepath.Base(dir), err, ctx.Err(), out, stderr.String())
	}
	return out
}

// copyFolder copies the files of a folder, without what was installed there.
func copyFolder(dst, src string) error {
	return filepath.WalkDir(src, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(dst, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read client's file %s: %w", rel, err)
		}
		return os.WriteFile(filepath.Join(dst, rel), data, 0o644)
	})
}
