package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/debrief-dev/debrief/internal/event"
)

func TestConversationAsMarkdownQuotesWhatWasSaid(t *testing.T) {
	a := start(t)
	res, body := a.send(t, http.MethodGet, "/api/v1/conversations/c1/export", "")
	if got := res.Header.Get("Content-Type"); got != "text/markdown; charset=utf-8" {
		t.Errorf("type %q", got)
	}
	clock := func(s int) string { return noon.Add(time.Duration(s) * time.Second).Format(time.TimeOnly) }
	want := "# Where is my order?\n\n- Conversation: c1\n- Began: " + noon.Format(time.RFC3339) + "\n- Person: ada\n- Messages: 2, 1 by the user\n- Score: 75 of 100\n" +
		"\n**User** · " + clock(1) + "\n\n> Where is my order?\n" +
		"\n**Copilot** · " + clock(3) + "\n\n> On its way.\n" +
		"\n**Tool: track_order** · " + clock(4) + "\n" +
		"\n**Feedback: 4** · " + clock(5) + "\n"
	if string(body) != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	_, body = a.send(t, http.MethodGet, "/api/v1/conversations/"+"c%2F2%20%C3%BC"+"/export", "")
	if !strings.Contains(string(body), "\n> 2\n") {
		t.Errorf("second line of a message is not quoted:\n%s", body)
	}
	_, body = a.send(t, http.MethodGet, "/api/v1/conversations/c1/export?format=json", "")
	if got := part(t, decoded(t, body), "conversation", "conversation_id"); got != "c1" {
		t.Errorf("JSON is of %v", got)
	}
	a.refused(t, http.MethodGet, "/api/v1/conversations/nobody/export", "", http.StatusNotFound, "not_found")
	a.refused(t, http.MethodGet, "/api/v1/conversations/c1/export?format=pdf", "", http.StatusBadRequest, "invalid_parameter")
}

// A row of Parquet has what the same row of JSONL has, member by member.
func TestParquetHoldsWhatJSONLHolds(t *testing.T) {
	a := start(t)
	a.put(t, &event.Event{Kind: event.KindGeneration, Action: "completed", ConversationID: "c9", CountsUsage: true, OccurredAt: noon.Add(1234 * time.Microsecond),
		InputTokens: new(int64(1 << 60)), CostUSD: new(0.1), Streamed: new(false), Violations: []string{"a", "b"}, ToolArgs: json.RawMessage(`{"a":[1]}`)})
	for _, what := range []string{"conversations", "events", "messages"} {
		_, lines := a.send(t, http.MethodGet, "/api/v1/export/"+what+"?format=jsonl", "")
		res, file := a.send(t, http.MethodGet, "/api/v1/export/"+what+"?format=parquet", "")
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Disposition"), ".parquet") {
			t.Fatalf("%s: %s %v", what, res.Status, res.Header)
		}
		rows := parquetRows(t, file)
		want := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
		if len(rows) != len(want) {
			t.Fatalf("%s: %d rows, want %d", what, len(rows), len(want))
		}
		for i, line := range want {
			compareRow(t, what, rows[i], line)
		}
	}
}

// compareRow holds a row against its JSON. Columns that are absent as JSON members must be null, or zero.
func compareRow(t *testing.T, what string, row map[string]parquet.Value, line []byte) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatal(err)
	}
	for name, v := range row {
		member, ok := members[name]
		delete(members, name)
		if !ok {
			if !v.IsNull() && v.Kind() != parquet.Boolean && v.Kind() != parquet.Int64 {
				t.Errorf("%s.%s: %v, absent in JSON", what, name, v)
			}
			continue
		}
		if got := parquetJSON(v, member); got != string(member) && !(v.IsNull() && string(member) == `""`) {
			t.Errorf("%s.%s: got %s, want %s", what, name, got, member)
		}
	}
	for name := range members {
		t.Errorf("%s.%s is in JSON, not in Parquet", what, name)
	}
}

// parquetJSON writes a value as the JSON of a member of the same type.
func parquetJSON(v parquet.Value, like json.RawMessage) string {
	var out any
	switch v.Kind() {
	case parquet.ByteArray:
		if like[0] != '"' {
			return string(v.ByteArray())
		}
		out = string(v.ByteArray())
	case parquet.Int64:
		if like[0] == '"' {
			out = time.UnixMicro(v.Int64()).UTC()
		} else {
			out = v.Int64()
		}
	case parquet.Double:
		out = v.Double()
	case parquet.Boolean:
		out = v.Boolean()
	}
	b, _ := json.Marshal(out)
	return string(b)
}

func parquetRows(t *testing.T, file []byte) []map[string]parquet.Value {
	t.Helper()
	r := parquet.NewReader(bytes.NewReader(file))
	defer r.Close()
	var out []map[string]parquet.Value
	buf := make([]parquet.Row, 1)
	for {
		n, err := r.ReadRows(buf)
		if n == 1 {
			row := map[string]parquet.Value{}
			for _, v := range buf[0] {
				row[r.Schema().Columns()[v.Column()][0]] = v.Clone()
			}
			out = append(out, row)
		}
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
