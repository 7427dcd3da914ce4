package objects

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
	"github.com/debrief-dev/debrief/internal/event"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

var ctx = context.Background()

// storage is the server of `rclone serve s3`, which checks every signature, before objects in memory.
type storage struct {
	http.Handler
	t       *testing.T
	objects *s3mem.Backend
}

func newStorage(t *testing.T) *storage {
	t.Helper()
	s := &storage{t: t, objects: s3mem.New()}
	if err := s.objects.CreateBucket(t.Context(), "analytics"); err != nil {
		t.Fatal(err)
	}
	s.Handler = gofakes3.New(s.objects, gofakes3.WithV4Auth(map[string]string{keyID: secret}), gofakes3.WithHostBucket(false)).Server()
	return s
}

// names are the objects', sorted.
func (s *storage) names() []string {
	list, err := s.objects.ListBucket(ctx, "analytics", nil, gofakes3.ListBucketPage{})
	if err != nil {
		s.t.Errorf("list: %v", err)
		return nil
	}
	var names []string
	for _, o := range list.Contents {
		names = append(names, o.Key)
	}
	slices.Sort(names)
	return names
}

func (s *storage) arrived() []string {
	var ids []string
	for _, name := range s.names() {
		o, err := s.objects.GetObject(ctx, "analytics", name, nil)
		if err != nil {
			s.t.Errorf("get %s: %v", name, err)
			return nil
		}
		content, err := io.ReadAll(o.Contents)
		_ = o.Contents.Close()
		if err == nil {
			ids = append(ids, idsOf(s.t, content)...)
		}
	}
	return ids
}

func idsOf(t *testing.T, content []byte) (ids []string) {
	rows, err := parquet.Read[struct {
		ID string `parquet:"id,optional"`
	}](bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Errorf("read Parquet: %v", err)
	}
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

func settings(address string) destination.Settings {
	return destination.Settings{"store": "s3", "bucket": "analytics", "access_key_id": keyID, "secret_access_key": secret, "endpoint": "http://" + address, "prefix": "copilot/calls ü+=("}
}

func TestLaws(t *testing.T) {
	destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
		s := newStorage(t)
		return destinationtest.Place{
			Destination: Destination{}, Handler: s, Arrived: s.arrived, Settings: settings,
			Refused: func(m *destination.Message) { m.Call = json.RawMessage(`["no call"]`) },
		}
	})
}

func open(t *testing.T, d Destination, own string, more destination.Settings) destination.Sender {
	t.Helper()
	s, err := tryOpen(d, own, more)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(d Destination, own string, more destination.Settings) (destination.Sender, error) {
	spec := d.Spec()
	checked, err := spec.Check(more)
	if err != nil {
		return nil, err
	}
	return d.Open(checked, destination.Env{Client: http.DefaultClient, Now: time.Now, Dir: func() (string, error) { return own, nil }})
}

// on moves a message to a day.
func on(day int, m destination.Message) destination.Message {
	row := *m.Event
	row.OccurredAt = time.Date(2026, 11, day, 23, 59, 59, 999_999_000, time.FixedZone("", -3600)).Add(-time.Hour)
	m.Event = &row
	return m
}

func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// DuckDB is another reader than the library that wrote the files.
func TestFilesAreReadByOthers(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own")
	s := open(t, Destination{}, own, destination.Settings{"prefix": "a/b"})
	messages := []destination.Message{on(21, destinationtest.Track(1, "u-1")), on(20, destinationtest.Track(2, "u-2")), on(21, destinationtest.Call(3, "identify", "u-1",
		map[string]any{"traits": map[string]any{"plan": "<pro>"}}))}
	row := *messages[0].Event
	row.ConversationID, row.Kind, row.Action, row.SentAt = "c-1", event.KindConversion, "converted", time.Time{}
	messages[0].Event = &row
	destinationtest.Deliver(t, s, messages...)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT concat_ws('|', id, type, coalesce(event, '-'), strftime(timestamp AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f'), sent_at IS NULL, user_id, kind, action, " +
		"coalesce(conversation_id, '-'), properties->>'$.symbol', properties->>'$.nested.deep', traits->>'$.plan', context->>'$.library.name', day) FROM read_parquet('" +
		own + "/files/a/b/*/*.parquet', hive_partitioning = true) ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	want := []string{
		"evt-000001|track|Stock Purchased|2026-11-21 23:59:59.999999|true|u-1|conversion|converted|c-1|ACME|value|test|2026-11-21",
		"evt-000002|track|Stock Purchased|2026-11-20 23:59:59.999999|false|u-2|product|tracked|-|ACME|value|test|2026-11-20",
		"evt-000003|identify|-|2026-11-21 23:59:59.999999|false|u-1|identity|identified|-|<pro>|test|2026-11-21",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The same calls take their own place, in whatever order they come; others do not.
func TestARepeatedBatchTakesItsPlace(t *testing.T) {
	own := t.TempDir()
	s := open(t, Destination{}, own, destination.Settings{})
	a, b, c := on(21, destinationtest.Track(1, "u-1")), on(21, destinationtest.Track(2, "u-2")), on(22, destinationtest.Track(3, "u-3"))
	destinationtest.Deliver(t, s, a, b, c)
	before := tree(t, own)
	content, err := os.ReadFile(filepath.Join(own, before[0]))
	if err != nil {
		t.Fatal(err)
	}
	b.Attempt = 2
	destinationtest.Deliver(t, open(t, Destination{}, own, destination.Settings{}), c, b, a)
	again, err := os.ReadFile(filepath.Join(own, before[0]))
	if diff := cmp.Diff(before, tree(t, own)); diff != "" || len(before) != 2 || err != nil || !bytes.Equal(content, again) {
		t.Errorf("files %q, then %s %v; same content: %v", before, diff, err, bytes.Equal(content, again))
	}
	destinationtest.Deliver(t, s, a)
	if got := tree(t, own); len(got) != 3 {
		t.Errorf("files %q, want a third", got)
	}
}

func TestDirectoriesStayBelowTheirs(t *testing.T) {
	root, own, outside := t.TempDir(), t.TempDir(), t.TempDir()
	f := func(d Destination, directory, prefix, want string) {
		t.Helper()
		_, err := tryOpen(d, own, destination.Settings{"directory": directory, "prefix": prefix})
		if got := ""; err != nil {
			got, _, _ = strings.Cut(err.Error(), ":")
			if got != want {
				t.Errorf("%q %q: got %v, want a fault of %q", directory, prefix, err, want)
			}
		} else if want != "" {
			t.Errorf("%q %q: passes, want a fault of %s", directory, prefix, want)
		}
	}
	allowed := Destination{Root: root}
	f(allowed, "lake/calls", "", "")
	f(Destination{}, "", "x", "")
	f(Destination{}, "lake", "", "directory")
	f(allowed, "/etc", "", "directory")
	f(allowed, "a/../..", "", "directory")
	f(allowed, "", "../x", "prefix")
	f(allowed, "", "a//b", "prefix")
	f(allowed, "", "a\x00b", "prefix")
	f(allowed, "", `a\b`, "prefix")
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	s := open(t, allowed, own, destination.Settings{"directory": "link"})
	if r := s.Send(t.Context(), []destination.Message{destinationtest.Track(1, "u")}); !errors.Is(r[0].Err, destination.ErrUnavailable) || strings.Contains(r[0].Err.Error(), root) {
		t.Errorf("through a link to elsewhere: %v", r[0].Err)
	}
	if err := s.Test(t.Context()); err == nil {
		t.Error("Test through a link to elsewhere passes")
	}
	destinationtest.Deliver(t, open(t, allowed, own, destination.Settings{"directory": "lake"}), destinationtest.Track(1, "u"))
	if got := len(tree(t, filepath.Join(root, "lake"))); got != 1 || len(tree(t, outside)) > 0 || len(tree(t, own)) > 0 {
		t.Errorf("%d files in the directory, %q outside, %q in the instance's own", got, tree(t, outside), tree(t, own))
	}
}

func TestTestLeavesNoFile(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own")
	if err := open(t, Destination{}, own, destination.Settings{}).Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newStorage(t)
	server := httptest.NewServer(s)
	defer server.Close()
	if err := open(t, Destination{}, own, settings(server.Listener.Addr().String())).Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := append(tree(t, own), s.names()...); len(got) > 0 {
		t.Errorf("left %q", got)
	}
}

func TestStorageSaysWhatIsWrong(t *testing.T) {
	s := newStorage(t)
	server := httptest.NewServer(s)
	defer server.Close()
	f := func(key, value, want string) {
		t.Helper()
		given := settings(server.Listener.Addr().String())
		given[key] = value
		err := open(t, Destination{}, "", given).Test(t.Context())
		if !errors.Is(err, destination.ErrUnavailable) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
	}
	f("bucket", "none", "NoSuchBucket")
	f("secret_access_key", "wrong-secret-key", "SignatureDoesNotMatch")
	f("access_key_id", "AKIAUNKNOWN", "InvalidAccessKey")
}

// A 400 that S3 explains is one of settings; Debrief never makes a bad request of a call.
func TestABadRequestIsTheSettings(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting 'eu-west-1'</Message></Error>`)
	}))
	defer server.Close()
	r := open(t, Destination{}, "", settings(server.Listener.Addr().String())).Send(t.Context(), []destination.Message{destinationtest.Track(1, "u")})
	if !errors.Is(r[0].Err, destination.ErrUnavailable) || !strings.Contains(r[0].Err.Error(), "eu-west-1") {
		t.Errorf("got %v", r[0].Err)
	}
}

func TestAddressing(t *testing.T) {
	f := func(want string, more destination.Settings) {
		t.Helper()
		given := destination.Settings{"bucket": "b", "region": "eu-west-1", "addressing": byAuto}
		for key, value := range more {
			given[key] = value
		}
		got := ""
		if u, err := bucketURL(given); err == nil {
			got = u.String()
		} else {
			got, _, _ = strings.Cut(err.Error(), ":")
		}
		if got != want {
			t.Errorf("%v: got %s, want %s", more, got, want)
		}
	}
	f("https://b.s3.eu-west-1.amazonaws.com", nil)
	f("https://s3.eu-west-1.amazonaws.com/b", destination.Settings{"addressing": byPath})
	f("http://minio:9000/b", destination.Settings{"endpoint": "http://minio:9000/"})
	f("http://b.minio:9000/s3", destination.Settings{"endpoint": "http://minio:9000/s3", "addressing": byHost})
	f("addressing", destination.Settings{"endpoint": "http://127.0.0.1:9000", "addressing": byHost})
	f("endpoint", destination.Settings{"endpoint": "http://minio:9000/?x=1"})
	f("endpoint", destination.Settings{"endpoint": "http://u:p@minio"})
	f("bucket", destination.Settings{"bucket": "a/b"})
	f("bucket", destination.Settings{"bucket": ".."})
	f("region", destination.Settings{"region": "evil.com/"})
}

func TestS3NeedsItsSettings(t *testing.T) {
	for _, key := range []string{"bucket", "access_key_id", "secret_access_key"} {
		given := settings("localhost")
		delete(given, key)
		if _, err := tryOpen(Destination{}, "", given); err == nil || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("without %s: %v", key, err)
		}
	}
}
