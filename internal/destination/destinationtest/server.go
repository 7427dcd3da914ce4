package destinationtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// ErrNotInstalled is wrapped by what starts a server that this machine does not have.
var ErrNotInstalled = errors.New("not installed")

// Main runs the tests of a package beside a server that all of them share, and ends the process. Where the server is not
// installed they run all the same, and skip what needs it; with DEBRIEF_REQUIRE_SERVERS they fail.
func Main(m *testing.M, start func() (stop func(), err error)) {
	stop, err := start()
	switch {
	case err == nil:
	case errors.Is(err, ErrNotInstalled) && os.Getenv("DEBRIEF_REQUIRE_SERVERS") == "":
		stop = func() {}
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// Await asks a server that starts until it answers, or returns its last error.
func Await(ask func() error) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if err := ask(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// FreePorts returns n ports of this machine that nobody listens on.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // when all are found: no two are the same
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// CallTables are the tables of a warehouse that hold every call once.
var CallTables = []string{"tracks", "identifies", "groups", "pages", "screens", "aliases"}
