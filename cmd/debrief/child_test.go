package main

import (
	"bytes"
	"os/exec"
	"testing"
)

const (
	childKey   = "wk_child"
	childToken = "token-0123456789abcdef"
)

// child is a server process: the real program.
type child struct {
	cmd *exec.Cmd
	url string
}

// startChild starts a server on a directory; env is beside the keys of a first start.
func startChild(t *testing.T, dir string, env ...string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "debrief", "serve", "--data", dir, "--listen", "127.0.0.1:0")
	cmd.Env = append(append(cmd.Environ(), "DEBRIEF_BOOTSTRAP_WRITE_KEY="+childKey, "DEBRIEF_BOOTSTRAP_TOKEN="+childToken), env...)
	var output bytes.Buffer
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := awaitReady(dir)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("%v:\n%s", err, output.String())
	}
	return &child{cmd: cmd, url: url}
}

// kill ends it as a crash does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
}
