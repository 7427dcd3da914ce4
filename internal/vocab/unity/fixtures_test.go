package unity

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

// fixture is an event with its expected verdict.
type fixture struct {
	In struct {
		Name string
		Data json.RawMessage
	}
	Want struct {
		Event, Action string
		Signal        *struct {
			Dimension string
			Weight    any // a number, or words where values decide
		}
	}
	Valid bool
	Why   string
}

func fixtures(t *testing.T) []fixture {
	t.Helper()
	f, err := os.Open(evaldata.Path(t, "spec", "fixtures", "unity.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []fixture
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var x fixture
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// TestFixtures maps events of every group and SubType in both spellings, valid and invalid, as they come
// through Unity's own door and as track calls.
func TestFixtures(t *testing.T) {
	all := fixtures(t)
	if len(all) != 62 {
		t.Errorf("%d fixtures, want 62", len(all))
	}
	for _, x := range all {
		for _, protocol := range []string{"unity", "segment"} {
			call, err := json.Marshal(map[string]any{"type": "track", "messageId": "unity-fixture-0001", "userId": "u1", "event": x.In.Name, "properties": x.In.Data})
			if err != nil {
				t.Fatal(err)
			}
			var e event.Event
			row := vocabtest.Row(t, vocabtest.Case{Call: call, About: vocabtest.About{Protocol: protocol}}, Vocabulary{})
			if err := json.Unmarshal(row, &e); err != nil {
				t.Fatal(err)
			}
			if (len(e.Violations) == 0) != x.Valid {
				t.Errorf("%s %s: violations %v, want valid %t %s", x.In.Name, x.In.Data, e.Violations, x.Valid, x.Why)
			}
			if !x.Valid {
				continue
			}
			if string(e.Kind) != x.Want.Event || e.Action != x.Want.Action {
				t.Errorf("%s %s: %s/%s, want %s/%s", x.In.Name, x.In.Data, e.Kind, e.Action, x.Want.Event, x.Want.Action)
			}
			want := x.Want.Signal
			switch {
			case want == nil && x.Why == "" && e.SignalDimension != "", want != nil && (e.SignalDimension != want.Dimension || e.SignalWeight == nil):
				t.Errorf("%s %s: signal %q, want %+v", x.In.Name, x.In.Data, e.SignalDimension, want)
			case want != nil:
				if weight, ok := want.Weight.(float64); ok && weight != *e.SignalWeight {
					t.Errorf("%s %s: weight %v, want %v", x.In.Name, x.In.Data, *e.SignalWeight, weight)
				}
			}
		}
	}
}
