package objects

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/debrief-dev/debrief/internal/destination"
)

// row is a call in a file. Empty values are null.
type row struct {
	id, kind string // kind of call
	event    string
	at       time.Time
	values   map[string]parquet.Value
}

// columns are those of every file, so that all can be read together.
var columns = parquet.Group{
	"id": parquet.String(), "type": name(), "event": name(), "name": parquet.String(), "category": name(),
	"timestamp": moment(), "original_timestamp": moment(), "sent_at": moment(), "received_at": moment(),
	"user_id": parquet.String(), "anonymous_id": parquet.String(), "group_id": parquet.String(), "previous_id": parquet.String(),
	"source": name(), "kind": name(), "action": name(), "conversation_id": parquet.String(),
	"properties": parquet.JSON(), "traits": parquet.JSON(), "context": parquet.JSON(),
}

// name is a column of few values, which are stored once.
func name() parquet.Node { return parquet.Encoded(parquet.String(), &parquet.RLEDictionary) }

func moment() parquet.Node { return parquet.Timestamp(parquet.Microsecond) }

// schema has all columns compressed, and optional.
func schema() *parquet.Schema {
	group := parquet.Group{}
	for name, node := range columns {
		group[name] = parquet.Compressed(parquet.Optional(node), &parquet.Zstd)
	}
	return parquet.NewSchema("call", group)
}

// file is the calls of a day within a batch.
type file struct {
	day  string
	rows []row
	of   []int // the message that each row is of, in the order of the messages
}

// files sorts messages into days; messages that are no calls get their result.
func files(messages []destination.Message, results []destination.Result) []*file {
	var all []*file
	for i := range messages {
		r, err := rowOf(&messages[i])
		if err != nil {
			results[i].Err = err
			continue
		}
		day := r.at.Format(time.DateOnly)
		at := slices.IndexFunc(all, func(f *file) bool { return f.day == day })
		if at < 0 {
			at = len(all)
			all = append(all, &file{day: day})
		}
		all[at].rows = append(all[at].rows, r)
		all[at].of = append(all[at].of, i)
	}
	return all
}

func rowOf(m *destination.Message) (row, error) {
	c, err := m.ReadCall()
	if err != nil {
		return row{}, err
	}
	e := m.Event
	r := row{id: m.ID, kind: c.Type, event: c.Event, at: e.OccurredAt.UTC(), values: map[string]parquet.Value{}}
	for column, text := range map[string]string{
		"id": m.ID, "type": c.Type, "event": c.Event, "name": c.Name, "category": c.Category,
		"user_id": c.UserID, "anonymous_id": c.AnonymousID, "group_id": c.GroupID, "previous_id": c.PreviousID,
		"source": e.Source, "kind": string(e.Kind), "action": e.Action, "conversation_id": e.ConversationID,
		"properties": text(c.Properties), "traits": text(c.Traits), "context": text(c.Context),
	} {
		if text != "" {
			r.values[column] = parquet.ByteArrayValue([]byte(text))
		}
	}
	for column, t := range map[string]time.Time{
		"timestamp": e.OccurredAt, "original_timestamp": e.OriginalAt, "sent_at": e.SentAt, "received_at": e.ReceivedAt,
	} {
		if !t.IsZero() {
			r.values[column] = parquet.Int64Value(t.UnixMicro())
		}
	}
	return r, nil
}

// text is an object as it was sent, its keys sorted; "" for none.
func text(object map[string]json.RawMessage) string {
	if len(object) == 0 {
		return ""
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return "" // what was read as JSON can be written
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// path names the file by its calls: the first one's time, and a hash of their ids.
func (f *file) path() string {
	ids := make([]string, len(f.rows))
	first := f.rows[0].at
	for i := range f.rows {
		ids[i] = f.rows[i].id
		if f.rows[i].at.Before(first) {
			first = f.rows[i].at
		}
	}
	slices.Sort(ids)
	hash := sha256.New()
	for _, id := range ids {
		_, _ = io.WriteString(hash, id+"\x00")
	}
	return "day=" + f.day + "/" + first.Format("20060102T150405Z") + "-" + hex.EncodeToString(hash.Sum(nil)[:16]) + ".parquet"
}

// parquet is the file's content: one row group, sorted by event, so that readers skip what they do not ask
// for. It depends on the calls alone.
func (f *file) parquet() ([]byte, error) {
	rows := slices.Clone(f.rows)
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.event, b.event), a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	})
	var b bytes.Buffer
	schema := schema()
	order := schema.Columns()
	w := parquet.NewWriter(&b, schema, parquet.CreatedBy("debrief", "", ""))
	for i := range rows {
		if _, err := w.WriteRows([]parquet.Row{rows[i].parquet(order)}); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// parquet is the row in the order of the columns, which are paths of one name.
func (r *row) parquet(order [][]string) parquet.Row {
	out := make(parquet.Row, len(order))
	for i, path := range order {
		if value, ok := r.values[path[0]]; ok {
			out[i] = value.Level(0, 1, i)
		} else {
			out[i] = parquet.NullValue().Level(0, 0, i)
		}
	}
	return out
}
