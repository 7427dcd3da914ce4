package postgres

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

const password = "correct-horse-battery"

// cluster is a PostgreSQL server of its own that all tests of this package share; each has its own schema.
type cluster struct {
	address string
	ca      string // of its certificate, in PEM
	schemas atomic.Int64
}

// server is nil where PostgreSQL is not installed.
var server *cluster

func TestMain(m *testing.M) { destinationtest.Main(m, start) }

// need returns the server, or skips the test where there is none.
func need(t *testing.T) *cluster {
	t.Helper()
	if server == nil {
		t.Skip("no PostgreSQL on this machine: install it (Debian: apt-get install postgresql) to run this test")
	}
	return server
}

// binaries is where initdb and postgres lie; Debian does not put them in the path.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// start makes a cluster in a temporary directory and runs it on a free port, in memory as far as it can.
func start() (func(), error) {
	bin := binaries()
	if bin == "" {
		return nil, fmt.Errorf("PostgreSQL's initdb and postgres: %w", destinationtest.ErrNotInstalled)
	}
	dir, err := os.MkdirTemp("", "debrief-postgres-")
	if err != nil {
		return nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	c, postgres, err := initialise(bin, dir)
	if err == nil {
		err = postgres.Start()
	}
	if err != nil {
		remove()
		return nil, err
	}
	stop := func() {
		_ = postgres.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = postgres.Wait()
		remove()
	}
	if err := destinationtest.Await(c.answers); err != nil {
		stop()
		return nil, err
	}
	server = c
	return stop, nil
}

// initialise makes a cluster in a directory, and the command that runs it.
func initialise(bin, dir string) (*cluster, *exec.Cmd, error) {
	as, err := credential(dir)
	if err != nil {
		return nil, nil, err
	}
	secret := filepath.Join(dir, "password")
	data := filepath.Join(dir, "data")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil {
		return nil, nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "tester", "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "-N")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	c := &cluster{}
	if c.ca, err = certificate(data, as); err != nil {
		return nil, nil, err
	}
	ports, err := destinationtest.FreePorts(1)
	if err != nil {
		return nil, nil, err
	}
	port := strconv.Itoa(ports[0])
	c.address = net.JoinHostPort("127.0.0.1", port)
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-k", dir, "-h", "127.0.0.1", "-F",
		"-c", "ssl=on", "-c", "shared_buffers=32MB", "-c", "max_connections=50", "-c", "log_min_messages=panic", "-c", "log_min_error_statement=panic")
	postgres.SysProcAttr, postgres.Dir = as, dir
	return c, postgres, nil
}

// credential is who runs the server: PostgreSQL refuses root.
func credential(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// certificate gives the server one for 127.0.0.1, signed by itself.
func certificate(data string, as *syscall.SysProcAttr) (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{"server.crt": public, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		path := filepath.Join(data, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return "", err
		}
		if as != nil {
			if err := os.Chown(path, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
				return "", err
			}
		}
	}
	return string(public), nil
}

// answers reports whether the server takes connections yet.
func (c *cluster) answers() error {
	conn, err := pgx.Connect(ctxBackground, c.url())
	if err != nil {
		return err
	}
	return conn.Close(ctxBackground)
}

func (c *cluster) url() string {
	return "postgres://tester:" + password + "@" + c.address + "/postgres?sslmode=disable"
}

// schema returns the name of one that no test has used.
func (c *cluster) schema() string { return fmt.Sprintf("Schema \"%d\"", c.schemas.Add(1)) }

// settings lead to the server by an address, which may be that of something before it.
func (c *cluster) settings(address, schema string) destination.Settings {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		panic(err)
	}
	return destination.Settings{"host": host, "port": port, "database": "postgres", "user": "tester", "password": password, "schema": schema, "tls": tlsOff}
}
