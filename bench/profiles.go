package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/app"
	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Profiles says how to measure the Profile API against a bare lookup of a key in SQLite.
type Profiles struct {
	Dir         string
	People      int
	Connections int
	Rate        float64       // requests a second, together
	Rounds      int           // each measures both once
	Slice       time.Duration // of one measurement
}

// ProfileFigures are what came of it: medians over the rounds.
type ProfileFigures struct {
	FilledIn                     time.Duration
	Bytes                        int64 // of the profile store
	BareP50, BareP99             time.Duration
	ProfileP50, ProfileP99       time.Duration
	RatioP50, RatioP99           float64
	LowestP99Ratio, MostP99Ratio float64
	BareCPU, ProfileCPU          time.Duration // of the server, a request
}

// bareName is the file of the bare lookup.
const bareName = "bare.sqlite"

// Measure fills a profile store, then asks both in turn, each round the other one first.
func (p Profiles) Measure(ctx context.Context) (ProfileFigures, error) {
	began := time.Now()
	store := filepath.Join(p.Dir, "workspaces", "default", "profiles.sqlite")
	if err := fillProfiles(ctx, store, p.People); err != nil {
		return ProfileFigures{}, fmt.Errorf("fill profiles: %w", err)
	}
	if err := fillBare(ctx, filepath.Join(p.Dir, bareName), p.People); err != nil {
		return ProfileFigures{}, fmt.Errorf("fill the bare table: %w", err)
	}
	f := ProfileFigures{FilledIn: time.Since(began)}
	if info, err := os.Stat(store); err == nil {
		f.Bytes = info.Size()
	}
	s, err := startServer(p.Dir, profileServer)
	if err != nil {
		return f, err
	}
	err = p.measure(ctx, s, &f)
	return f, errors.Join(err, s.stop())
}

func (p Profiles) measure(ctx context.Context, s *server, f *ProfileFigures) error {
	if err := s.settled(ctx); err != nil {
		return err
	}
	bare := &asked{addr: s.Bare, path: func(n int) string { return "/" + userID(n) }}
	profile := &asked{addr: s.Door, path: func(n int) string {
		id := "user_id%3A" + userID(n)
		if n%2 == 1 {
			id = "anonymous_id%3A" + anonymousID(n)
		}
		return "/v1/spaces/default/collections/users/profiles/" + id + "/traits"
	}}
	for round := range p.Rounds + 1 { // the first warms up
		turns := []*asked{bare, profile}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, side := range turns {
			if err := p.ask(ctx, s, side, round > 0); err != nil {
				return err
			}
		}
	}
	mean := func(a, b time.Duration) time.Duration { return (a + b) / 2 }
	f.BareP50, f.BareP99, f.BareCPU = median(bare.p50, mean), median(bare.p99, mean), median(bare.cpu, mean)
	f.ProfileP50, f.ProfileP99, f.ProfileCPU = median(profile.p50, mean), median(profile.p99, mean), median(profile.cpu, mean)
	ratios := func(a, b []time.Duration) (out []float64) {
		for i := range a {
			out = append(out, float64(a[i])/float64(b[i]))
		}
		return out
	}
	p99 := ratios(profile.p99, bare.p99)
	f.RatioP50, f.RatioP99 = median(ratios(profile.p50, bare.p50), meanOf), median(p99, meanOf)
	f.LowestP99Ratio, f.MostP99Ratio = slices.Min(p99), slices.Max(p99)
	return nil
}

// asked is one side, and what came of it by round.
type asked struct {
	addr          string
	path          func(n int) string
	p50, p99, cpu []time.Duration
}

// ask asks one side for random people at the rate, and keeps how long answers took, from when they were due.
func (p Profiles) ask(ctx context.Context, s *server, side *asked, keep bool) error {
	before, err := s.cpu()
	if err != nil {
		return err
	}
	took := make([][]time.Duration, p.Connections)
	errs := make([]error, p.Connections)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range p.Connections {
		wg.Go(func() { took[i], errs[i] = p.drive(ctx, side, begin, i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	after, err := s.cpu()
	if err != nil || !keep {
		return err
	}
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	side.p50, side.p99 = append(side.p50, all[len(all)/2]), append(side.p99, all[len(all)*99/100])
	side.cpu = append(side.cpu, (after-before)/time.Duration(len(all)))
	return nil
}

// drive asks over one connection.
func (p Profiles) drive(ctx context.Context, side *asked, begin time.Time, connection int) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", side.addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var took []time.Duration
	var request bytes.Buffer
	basic := base64.StdEncoding.EncodeToString([]byte(token + ":"))
	buf := make([]byte, 16<<10)
	rnd := rand.New(rand.NewPCG(uint64(connection), uint64(begin.UnixNano())))
	every := time.Duration(float64(p.Connections) / p.Rate * float64(time.Second))
	first := begin.Add(every * time.Duration(connection) / time.Duration(p.Connections))
	for due := first; due.Sub(begin) < p.Slice; due = due.Add(every) {
		pause(ctx, time.Until(due))
		request.Reset()
		fmt.Fprintf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic %s\r\n\r\n", side.path(rnd.IntN(p.People)), basic)
		if _, err := conn.Write(request.Bytes()); err != nil {
			return took, err
		}
		if err := readAnswer(conn, buf); err != nil {
			return took, err
		}
		took = append(took, time.Since(due))
	}
	return took, nil
}

func userID(n int) string      { return fmt.Sprintf("user-%08d", n) }
func anonymousID(n int) string { return fmt.Sprintf("0b8f9e3c-1234-4321-8765-%012d", n) }

// fillProfiles makes people of two identifiers and eleven traits, resolved. They are written by SQL: to note them call by
// call takes most of an hour for a million.
func fillProfiles(ctx context.Context, path string, people int) error {
	s, err := profilestore.Open(ctx, path) // makes the tables
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	const each, said = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) `, `1777593600000000 + i * 1000000, printf('node-next-%012d-4e5f', i), 'src_bench'`
	const user, device = `printf('user-%08d', i)`, `printf('0b8f9e3c-1234-4321-8765-%012d', i)`
	texts := []string{
		`INSERT INTO identifiers (id, type, value, first_at, first_event, first_source, person) ` + each + `SELECT 2 * i + 1, 'user_id', ` + user + `, ` + said + `, ` + user + ` FROM n`,
		`INSERT INTO identifiers (id, type, value, first_at, first_event, first_source, person) ` + each + `SELECT 2 * i + 2, 'anonymous_id', ` + device + `, ` + said + `, ` + user + ` FROM n`,
		`INSERT INTO claims (a, b, at, event, source, basis) ` + each + `SELECT 2 * i + 1, 2 * i + 2, ` + said + `, 0 FROM n`,
		`INSERT INTO traits (identifier, name, at, event, source, value) ` + each + `SELECT 2 * i + 2, 'plan', ` + said + `, '"free"' FROM n`,
		`INSERT INTO traits (identifier, name, at, event, source, value) ` + each + `, names(k, name) AS (VALUES (2, 'city'), (3, 'company'), (4, 'industry'), (5, 'language'), (6, 'logins'), (7, 'newsletter'), (8, 'plan'), (9, 'role'), (10, 'seats'), (11, 'signedUpAt'))
			SELECT 2 * i + 1, name, ` + said + `, json_quote(name || ' ' || i % k) FROM n CROSS JOIN names`,
	}
	return fill(ctx, path, func(tx *sql.Tx) error {
		for _, text := range texts {
			if _, err := tx.ExecContext(ctx, text, people); err != nil {
				return err
			}
		}
		return nil
	})
}

// openFile opens a file with the settings of the metadata store.
func openFile(ctx context.Context, path string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, sqlite.Config{Path: path, Name: "benchmark"})
}

// fill writes to a file in one transaction.
func fill(ctx context.Context, path string, f func(tx *sql.Tx) error) error {
	db, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(db.Change(ctx, f), db.Close())
}

// fillBare makes a table of as many keys, each with about the bytes of a profile's answer.
func fillBare(ctx context.Context, path string, people int) error {
	return fill(ctx, path, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE bare (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`); err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO bare VALUES (?, ?)`)
		if err != nil {
			return err
		}
		value := `{"traits":"` + strings.Repeat("x", 350) + `"}`
		for i := range people {
			if _, err := put.ExecContext(ctx, userID(i), value); err != nil {
				return err
			}
		}
		return nil
	})
}

// serveProfiles serves the product without bounds on rates, and a handler that looks one key up, until stop ends.
func serveProfiles(dir string, stop io.Reader, out io.Writer) error {
	db, err := openFile(context.Background(), filepath.Join(dir, bareName))
	if err != nil {
		return err
	}
	defer db.Close()
	find, err := db.Prepare(`SELECT value FROM bare WHERE key = ?`)
	if err != nil {
		return err
	}
	bareAt, err := listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var value []byte
		if err := find.QueryRowContext(r.Context(), r.URL.Path[1:]).Scan(&value); err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(value)
	}))
	if err != nil {
		return err
	}
	c := config.Default()
	c.Data, c.Listen, c.Limits.ProfilesPerSecond = dir, "127.0.0.1:0", 1_000_000
	c.Bootstrap = config.Bootstrap{WriteKey: WriteKey, Token: token}
	a, err := app.Start(context.Background(), app.Config{Config: *c, Version: "bench", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(addresses{Bare: bareAt, Door: strings.TrimPrefix(a.LocalURL(), "http://")}); err != nil {
		return err
	}
	tellCPU(stop, out)
	return a.Close(context.Background())
}
