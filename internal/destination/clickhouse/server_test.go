package clickhouse

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

const password = "correct-horse-battery"

// server is a ClickHouse of its own that all tests of this package share; each has its own database. Its
// address is "" where ClickHouse is not installed.
var server struct {
	address   string
	databases atomic.Int64
}

func TestMain(m *testing.M) { destinationtest.Main(m, start) }

// need returns the name of a database that no test has used, or skips the test where there is no server.
func need(t *testing.T) string {
	t.Helper()
	if server.address == "" {
		t.Skip("no ClickHouse on this machine: install it (Debian: apt-get install clickhouse-server) to run this test")
	}
	return fmt.Sprint("test_", server.databases.Add(1))
}

const (
	config = `<yandex><logger><level>fatal</level><console>false</console></logger><http_port>%d</http_port><tcp_port>%d</tcp_port><listen_host>127.0.0.1</listen_host>
		<path>%s/data/</path><tmp_path>%[3]s/tmp/</tmp_path><users_config>%[3]s/users.xml</users_config><mark_cache_size>5368709</mark_cache_size>
		<default_profile>default</default_profile><default_database>default</default_database></yandex>`
	users = `<yandex><profiles><default/></profiles><quotas><default/></quotas><users><tester><password>` + password +
		`</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></tester></users></yandex>`
)

// start runs a server in a temporary directory on free ports, or takes one that runs already.
func start() (func(), error) {
	if address := os.Getenv("DEBRIEF_TEST_CLICKHOUSE"); address != "" { // host:port of another version, with the user tester
		server.address = address
		return func() {}, nil
	}
	bin, err := exec.LookPath("clickhouse-server")
	if err != nil {
		return nil, fmt.Errorf("clickhouse-server: %w", destinationtest.ErrNotInstalled)
	}
	dir, err := os.MkdirTemp("", "debrief-clickhouse-")
	if err != nil {
		return nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	ports, err := destinationtest.FreePorts(2)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.xml"), fmt.Appendf(nil, config, ports[0], ports[1], dir), 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "users.xml"), []byte(users), 0o600)
	}
	if err != nil {
		remove()
		return nil, err
	}
	command := exec.Command(bin, "--config-file="+filepath.Join(dir, "config.xml"))
	command.Dir = dir
	if err := command.Start(); err != nil {
		remove()
		return nil, err
	}
	stop := func() {
		_ = command.Process.Signal(syscall.SIGKILL)
		_ = command.Wait()
		remove()
	}
	server.address = fmt.Sprint("127.0.0.1:", ports[0])
	err = destinationtest.Await(func() error {
		_, err := ask("SELECT 1")
		return err
	})
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// ask is a test's own question.
func ask(sql string) (string, error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+server.address, strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	r.SetBasicAuth("tester", password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", sql, body)
	}
	return string(body), err
}
