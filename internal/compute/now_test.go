package compute

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/trait"
)

// present are the calls that a destination gets of what is computed, read by pages of three.
func (r *rig) present(destination string) (out []message) {
	r.t.Helper()
	for cursor := ""; ; {
		req, next, err := r.compute.Now(r.t.Context(), destination, cursor, 3)
		r.must(err)
		for _, c := range req.Calls {
			var m message
			r.must(json.Unmarshal(c.JSON, &m))
			if m.MessageID != c.ID || m.Type != c.Type || req.Source != Source {
				r.t.Errorf("call %s of %s %s is %s", c.ID, req.Source, c.Type, c.JSON)
			}
			out = append(out, m)
		}
		if cursor = next; next == "" {
			break
		}
	}
	n, err := r.compute.CountNow(r.t.Context(), destination)
	r.must(err)
	if n != int64(len(out)) {
		r.t.Errorf("%s is counted %d values and gets %d", destination, n, len(out))
	}
	return out
}

func TestWhatIsComputedNowIsToldAsChangesAre(t *testing.T) {
	r := newRig(t)
	one, err := r.meta.AddDestination(t.Context(), metastore.DefaultWorkspace, metastore.Destination{ID: "dst_One", Name: "one", Kind: "webhook", Settings: "{}", Rules: "{}"}, nil)
	r.must(err)
	count := &trait.Definition{Of: "events", Where: []string{"kind:eq:artifact"}, Aggregate: trait.Count}
	r.define(Definition{Key: "shown", Name: "Shown", Kind: Trait, Emit: Identify, Enabled: true, Trait: count})
	r.define(Definition{Key: "silent", Name: "Silent", Kind: Trait, Emit: None, Enabled: true, Trait: count})
	r.define(Definition{Key: "twice", Name: "Twice", Kind: Audience, Emit: Track, Enabled: true, Destinations: []string{one.ID},
		Rule: &audience.Rule{Trait: &audience.TraitTest{Key: "shown", Op: audience.AtLeast, Values: []string{"2"}}}})
	for i := range 14 {
		r.put(shown(fmt.Sprint(i), fmt.Sprintf("u%d", i%8), "", "chart", i, "1"))
	}
	r.put(shown("anonymous", "", "a1", "chart", 1, "1"))
	r.settle()

	known, ids := map[string]string{}, map[string]bool{}
	for _, m := range r.present(one.ID) {
		ids[m.MessageID] = true
		if m.AnonymousID != "" && m.AnonymousID != "a1" || m.UserID == "a1" {
			t.Errorf("call %+v", m)
		}
		for key, value := range m.Traits {
			known[key+" "+m.UserID+m.AnonymousID] = string(value)
		}
		if m.Type == "track" {
			known[m.Event+" "+m.UserID] = string(m.Properties["twice"])
			if !maps.Equal(m.Integrations, map[string]bool{"All": false, one.ID: true}) {
				t.Errorf("integrations %v", m.Integrations)
			}
		} else if m.Integrations != nil {
			t.Errorf("all are told, and integrations are %v", m.Integrations)
		}
	}
	want := map[string]string{"shown a1": "1", "shown u6": "1", "shown u7": "1"}
	for i := range 6 {
		want[fmt.Sprintf("shown u%d", i)], want[fmt.Sprintf("Audience Entered u%d", i)] = "2", "true"
	}
	if !maps.Equal(known, want) {
		t.Errorf("told %v, want %v", known, want)
	}
	for _, m := range r.emitted() {
		if ids[m.MessageID] {
			t.Errorf("call %s has the id of a change", m.MessageID)
		}
	}
	r.restart()
	for _, m := range r.present(one.ID) {
		if !ids[m.MessageID] {
			t.Errorf("asked again, call %s of %s%s has another id", m.MessageID, m.UserID, m.AnonymousID)
		}
	}
	if got := r.present("dst_other"); len(got) != 9 {
		t.Errorf("another destination gets %d calls, want those of the trait, 9", len(got))
	}
	r.must(r.meta.DeleteDestination(t.Context(), metastore.DefaultWorkspace, one.ID))
	d, err := r.compute.Get(t.Context(), "twice", Audience)
	r.must(err)
	d.Name = "Renamed"
	if _, err := r.compute.Put(t.Context(), *d); err != nil {
		t.Errorf("a destination that is gone cannot stay named: %v", err)
	}
}
