package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// namer calls a topic by its id in capitals.
type namer struct{}

func (namer) Names(_ context.Context, dimension string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		if dimension == "topic" {
			out[id] = strings.ToUpper(id)
		}
	}
	return out, nil
}

// startNamed is start with a topic for c1, which has a name.
func startNamed(t *testing.T) *running {
	t.Helper()
	a := start(t, func(c *Config) { c.Insight.Namer = namer{} })
	topics := []event.ConversationTopic{{ConversationID: "c1", Topic: "=t1"}}
	if _, err := a.store.Write(t.Context(), &eventstore.Batch{Topics: topics}); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnswersAreTheSameAsCSV(t *testing.T) {
	a := startNamed(t)
	f := func(params string, want ...string) {
		t.Helper()
		var got []string
		for _, r := range a.records(t, "/api/v1/"+params+"&format=csv") {
			got = append(got, strings.Join(r, "|"))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", params, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	f("metrics/conversations?", "value|n|coverage", "3|3|")
	f("metrics/conversations?from=2026-05-04&until=2026-05-06&period=day&compare=previous",
		"start|value|n|coverage|previous_value", "2026-05-04T00:00:00Z|1|1||0", "2026-05-05T00:00:00Z|1|1||0")
	f("metrics/conversations?from=2026-05-04&until=2026-05-06&compare=previous", "value|n|coverage|previous_value", "2|2||0")
	f("metrics/conversations?breakdown=topic,channel", "topic|channel|label|value|n|coverage", "'=t1|web|'=T1 · web|1|1|", "|app|– · app|1|1|", "|web|– · web|1|1|")
	f("metrics/conversations?from=2026-05-05&until=2026-05-06&breakdown=channel&period=day&zone=Europe/Paris",
		"channel|label|start|value|n|coverage", "web||2026-05-05T00:00:00+02:00|1|1|")
	f("funnel?"+stepAsked+stepAnswered, "step|name|n|rate_from_first|interval_low|interval_high|rate_from_previous|median_ms_from_previous|conditions",
		`1|asked|2|1|0.3423802275066532|1|1||["source_event:eq:message/sent"]`,
		`2|source_event:eq:message/received|1|0.5|0.09453120573423074|0.9054687942657693|0.5|2000|["source_event:eq:message/received"]`)
	f("funnel?step1=*&breakdown=topic&limit=1&safe=false", "topic|label|step|name|n|rate_from_first|interval_low|interval_high|rate_from_previous|median_ms_from_previous|conditions",
		"||1|any event|2|1|0.3423802275066532|1|1||")
	f("retention?until=2026-05-05&periods=1", "start|size|k|returned|complete", "2026-05-04T00:00:00Z|1|0|1|true", "2026-05-04T00:00:00Z|1|1|0|true")
	f("retention?until=2026-05-05&periods=1&breakdown=topic", "topic|label|size|k|returned|eligible|rate|interval_low|interval_high",
		"'=t1|'=T1|1|0|1|1|1|0.2065493143772375|1", "'=t1|'=T1|1|1|0|1|0|0|0.7934506856227624")
	f("paths?nodes=topic,tool&filter=conversation_id:eq:c1", "step|from_kind|from_name|from_label|to_kind|to_name|to_label|n",
		"0|topic|'=t1|'=T1|tool|track_order||1", "1|tool|track_order||end|||1")
}

func TestExportNamesTopics(t *testing.T) {
	a := startNamed(t)
	const target = "/api/v1/export/conversations?filter=topic:exists&safe=false&format="
	rows := a.records(t, target+"csv")
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	if len(rows) != 2 || cells["topic"] != "=t1" || cells["topic_name"] != "=T1" {
		t.Errorf("csv: got %d rows, %v", len(rows), cells)
	}
	_, line := a.send(t, http.MethodGet, target+"jsonl", "")
	if got := decoded(t, line); got["topic_name"] != "=T1" {
		t.Errorf("jsonl: got %v", got)
	}
	_, body := a.send(t, http.MethodGet, target+"parquet", "")
	type named struct {
		Topic     *string `parquet:"topic"`
		TopicName *string `parquet:"topic_name"`
	}
	got, err := parquet.Read[named](bytes.NewReader(body), int64(len(body)))
	if err != nil || len(got) != 1 || *got[0].Topic != "=t1" || *got[0].TopicName != "=T1" {
		t.Errorf("parquet: got %v, %v", got, err)
	}
}
