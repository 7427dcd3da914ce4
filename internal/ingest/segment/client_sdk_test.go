package segment

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// Every call of the official SDKs is stored once, with the id that the SDK gave it.
func TestOfficialClients(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	runner := clienttest.NewRunner(t, root)
	for _, client := range clienttest.Clients() {
		t.Run(client.Name, func(t *testing.T) {
			d := newDoor(t, func(c *Config) {
				c.Now = time.Now
				if client.NeedsScript {
					c.Script = os.DirFS(filepath.Join(runner.Folder(t, client.Folder), "node_modules/@segment/analytics-next/dist/umd"))
				}
			})
			report := runner.Run(t, client, d.url, "wk_web")
			want := client.Calls
			if want == nil {
				want = map[string]int{}
				for _, s := range report.Sent {
					want[s.Type+" "+s.MessageID]++
				}
			}
			got := d.await(func(calls []event.Raw) map[string]int { return tally(calls, client.Calls != nil) }, want)
			if !maps.Equal(got, want) {
				t.Errorf("stored %v\nwant %v", got, want)
			}
			checkClientCalls(t, d, report)
		})
	}
}

// tally counts calls by type, and by id too unless only types are known.
func tally(calls []event.Raw, types bool) map[string]int {
	got := map[string]int{}
	for _, c := range calls {
		if types {
			got[c.Type]++
		} else {
			got[c.Type+" "+c.ID]++
		}
	}
	return got
}

// await asks until what is stored is what is wanted, or for ten seconds.
func (d *door) await(count func([]event.Raw) map[string]int, want map[string]int) map[string]int {
	d.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got := count(d.calls())
		if maps.Equal(got, want) || time.Now().After(deadline) {
			return got
		}
		<-tick.C
	}
}

func checkClientCalls(t *testing.T, d *door, report clienttest.Report) {
	t.Helper()
	var sent []time.Time
	for _, c := range d.calls() {
		if c.Reject != nil {
			t.Errorf("refused: %+v", c.Reject)
		}
		if c.SentAt.IsZero() {
			t.Errorf("call %s has no sentAt: %s", c.ID, c.JSON)
		}
		sent = append(sent, c.SentAt)
	}
	if len(sent) > 0 && time.Since(slices.MinFunc(sent, time.Time.Compare)) > 5*time.Minute {
		t.Errorf("sent at %v, long ago", sent)
	}
	if report.Expected != len(sent) {
		t.Errorf("%d calls are stored, want %d", len(sent), report.Expected)
	}
}
