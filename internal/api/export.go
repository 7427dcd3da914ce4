package api

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// export streams every row of a question as a file.
func (s *server) export(c *call) error {
	what := c.r.PathValue("what")
	if !slices.Contains([]string{"conversations", "events", "messages"}, what) {
		return fmt.Errorf("export of %q: %w: there are conversations, events and messages", what, ErrNotFound)
	}
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	scope.Where = c.conditions("where")
	format, safe := c.choice("format", "csv", "csv", "jsonl", "parquet"), c.flag("safe", true)
	if err := c.done(); err != nil {
		return err
	}
	if !s.exports.enter(c.r.Context()) {
		return errBusy
	}
	defer s.exports.leave()
	f := &file{c: c, name: what, format: format, safe: safe}
	ctx := c.r.Context()
	switch what {
	case "conversations":
		return stream(f, s.Insight.AllConversations(ctx, scope))
	case "messages":
		scope.Where = append(scope.Where, query.Condition{Field: "kind", Cmp: query.Eq, Values: []string{string(event.KindMessage)}})
	}
	return stream(f, s.Insight.AllEvents(ctx, scope))
}

// rowWriter writes the rows of a file in one format.
type rowWriter[T any] interface {
	write(row *T) error
	close() error // writes what comes after the rows
}

func newRowWriter[T any](w io.Writer, format string, safe bool) (rowWriter[T], error) {
	if format == "parquet" {
		return newParquetWriter[T](w), nil
	}
	return newTextWriter[T](w, format, safe)
}

// stream writes rows as they come, in the format of the file.
func stream[T event.Event | eventstore.ConversationRow](f *file, rows iter.Seq2[*T, error]) error {
	return streamTo(f, rows, func() (rowWriter[T], error) { return newRowWriter[T](f.out, f.format, f.safe) })
}

// streamTo writes rows as they come to what begin makes once the file is open. An error before the first row is answered as one; after it, the
// connection is cut, so that nobody takes a part for the whole.
func streamTo[T any](f *file, rows iter.Seq2[*T, error], begin func() (rowWriter[T], error)) error {
	var out rowWriter[T]
	open := func() (err error) {
		f.open()
		out, err = begin()
		return err
	}
	for row, err := range rows {
		if err != nil && out == nil {
			return err
		}
		if err == nil && out == nil {
			err = open()
		}
		if err == nil {
			f.extend()
			err = out.write(row)
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if out == nil {
		if err := open(); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if err := errors.Join(out.close(), f.close()); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// file is the answer of an export under way.
type file struct {
	c            *call
	name, format string
	safe         bool

	control *http.ResponseController
	out     *bufio.Writer
	zip     *gzip.Writer // nil: not compressed
	rows    int
}

func (f *file) open() {
	h := f.c.w.Header()
	typ := map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson", "parquet": "application/vnd.apache.parquet"}[f.format]
	h.Set("Content-Type", typ)
	h.Set("Content-Disposition", `attachment; filename="debrief-`+f.name+`.`+f.format+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	var w io.Writer = f.c.w
	if f.format != "parquet" && takesGzip(f.c.r) { // Parquet is compressed in itself
		h.Set("Content-Encoding", "gzip")
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		f.zip, w = z, z
	}
	f.control = http.NewResponseController(f.c.w)
	f.out = bufio.NewWriterSize(w, 64<<10)
	f.c.w.WriteHeader(http.StatusOK)
}

// rowsADeadline is how often the deadline of the connection is moved on.
const rowsADeadline = 256

// extend gives the next row its time.
func (f *file) extend() {
	if f.rows%rowsADeadline == 0 {
		_ = f.control.SetWriteDeadline(time.Now().Add(writePatience)) // recorders have none
	}
	f.rows++
}

func (f *file) close() error {
	if err := f.out.Flush(); err != nil {
		return err
	}
	if f.zip != nil {
		return f.zip.Close()
	}
	return nil
}
