// Package objects writes calls as Parquet files, a folder a day, to a directory of this machine or to
// storage that speaks S3's protocol. Only package app imports it.
package objects

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is a place for files.
type Destination struct {
	// Root is the directory below which settings may name one; empty: none may be named, and files go to the
	// instance's own.
	Root string
}

var _ destination.Destination = Destination{}

// Stores that files may go to.
const (
	inDirectory = "directory"
	inS3        = "s3"
)

// How the address of a bucket is made.
const (
	byAuto = "auto"
	byPath = "path"
	byHost = "host"
)

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1","anonymousId":"a-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME","amount":12.5,"conversationId":"c-1"},"context":{"locale":"en"}}`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "objects",
		Title:   "Files and object storage",
		Website: "https://parquet.apache.org/docs/",
		Doc: "Calls become Parquet files: about one a minute, or sooner for every 8 MB, in a folder for each day (UTC) on which they happened, `day=2026-11-21/`, as Hive, " +
			"DuckDB, Spark, Athena and ClickHouse read them. All files have the same columns: the call's ids, times, type, event and name, the kind and action that it " +
			"means, its conversation, and properties, traits and context as JSON; rows are in the order of their events. A file is named by the calls in it, so the same batch " +
			"sent again takes its own place; after an interruption calls may be in two files, and `id` tells. Files go to a directory of the server, or to S3 or any " +
			"storage of its protocol (MinIO, Ceph, Cloudflare R2, Google Cloud Storage with HMAC keys).",
		Settings: []destination.Setting{
			{Key: "store", Label: "Store", Type: destination.Choice, Choices: []string{inDirectory, inS3}, Default: inDirectory},
			{Key: "prefix", Label: "Prefix", Type: destination.Text, Example: "debrief/calls", Doc: "Folders before those of the days."},
			{Key: "directory", Label: "Directory", Type: destination.Text, Example: "lake",
				Doc: "Below the one that the operator allows with `--destinations-files`. Empty: `files` in the destination's own directory of the data directory."},
			{Key: "bucket", Label: "Bucket", Type: destination.Text, Example: "analytics", Doc: "Of S3, like the following. The keys need the right to put objects."},
			{Key: "region", Label: "Region", Type: destination.Text, Default: "us-east-1"},
			{Key: "access_key_id", Label: "Access key id", Type: destination.Text, Example: "AKIAIOSFODNN7EXAMPLE"},
			{Key: "secret_access_key", Label: "Secret access key", Type: destination.Text, Secret: true},
			{Key: "endpoint", Label: "Endpoint", Type: destination.URL, Example: "https://minio.example.com:9000", Doc: "Of storage that is not Amazon's."},
			{Key: "addressing", Label: "Addressing", Type: destination.Choice, Choices: []string{byAuto, byPath, byHost}, Default: byAuto,
				Doc: "Where the bucket stands: in the `path`, or before the `host`. `auto` is path where there is an endpoint."},
		},
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "day=2026-11-21/20261121T100000Z-7c1d0c9a1f4be0d2.parquet\n" +
			"id m-1 · type track · event Stock Purchased · timestamp 2026-11-21 10:00:00 · user_id u-1 · anonymous_id a-1 · conversation_id c-1 ·\n" +
			`properties {"symbol":"ACME","amount":12.5,"conversationId":"c-1"} · context {"locale":"en"} · …`},
	}
}

// store keeps files.
type store interface {
	// put keeps a file under a path with slashes, in place of what was there. It is all there or not at all.
	put(ctx context.Context, path string, content []byte) destination.Result
	// test puts a file and takes it away again.
	test(ctx context.Context) error
}

// Open implements [destination.Destination].
func (d Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	if !validPath(s["prefix"]) {
		return nil, &destination.InvalidSettings{Key: "prefix", Reason: "is no path of names between slashes"}
	}
	out := &sender{prefix: strings.Trim(s["prefix"], "/")}
	if s["store"] == inDirectory {
		if dir := s["directory"]; !validPath(dir) || strings.HasPrefix(dir, "/") {
			return nil, &destination.InvalidSettings{Key: "directory", Reason: "is no path of names between slashes, below the one that is allowed"}
		} else if dir != "" && d.Root == "" {
			return nil, &destination.InvalidSettings{Key: "directory", Reason: "cannot be set: the operator allows none (--destinations-files)"}
		}
		out.store = &directory{root: d.Root, path: s["directory"], own: env.Dir}
		return out, nil
	}
	for _, key := range []string{"bucket", "access_key_id", "secret_access_key"} {
		if s[key] == "" {
			return nil, &destination.InvalidSettings{Key: key, Reason: "is required of S3"}
		}
	}
	base, err := bucketURL(s)
	if err != nil {
		return nil, err
	}
	out.store = &bucket{
		base: base, region: s["region"], client: env.Client, now: env.Now, prefix: out.prefix,
		keys: aws.Credentials{AccessKeyID: s["access_key_id"], SecretAccessKey: s["secret_access_key"]},
	}
	return out, nil
}

// validPath tells whether a path has no names that lead elsewhere, and only printable characters.
func validPath(path string) bool {
	if path == "" {
		return true
	}
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name == "" || name == "." || name == ".." || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
			return false
		}
	}
	return true
}

// sender is an open store; it keeps nothing between sends.
type sender struct {
	prefix string
	store  store
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: 10_000, Bytes: 8 << 20, Wait: time.Minute, Parallel: 2}
}

// Send implements [destination.Sender]: a file for each day.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	results := make([]destination.Result, len(messages))
	for _, f := range files(messages, results) {
		content, err := f.parquet()
		if err != nil { // into memory, of rows that fit the columns
			err = &destination.Discarded{Code: "invalid_call", Reason: destination.Shorten(err.Error())}
		}
		r := destination.Result{Err: err}
		if err == nil {
			r = s.store.put(ctx, join(s.prefix, f.path()), content)
		}
		for _, i := range f.of {
			results[i] = r
		}
	}
	return results
}

// join puts a prefix before a path.
func join(prefix, path string) string {
	if prefix == "" {
		return path
	}
	return prefix + "/" + path
}

// testName is the file that a test makes.
const testName = "debrief-connection-test"

// Test implements [destination.Sender].
func (s *sender) Test(ctx context.Context) error { return s.store.test(ctx) }

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

// ended is the context's error, as a fault that is not the message's.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(destination.ErrUnavailable, err)
	}
	return nil
}
