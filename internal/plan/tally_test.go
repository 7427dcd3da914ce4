package plan

import "testing"

func TestTallyCountsWhatIsAlike(t *testing.T) {
	var tally Tally
	a := Violation{Kind: KindRequiredMissing, Event: "E", Field: "properties.a", Description: "is required", Version: 1}
	b := Violation{Kind: KindTypeMismatch, Event: "E", Field: "properties.b", Description: "expected string, got number"}
	tally.Add(1, nil)
	tally.Add(2, []Violation{b})
	a2 := a
	a2.Version = 2 // of another version, but alike
	tally.Add(3, []Violation{a, b})
	tally.Add(4, []Violation{a2})
	tally.Add(5, []Violation{a})
	if tally.Calls != 5 || tally.Deviating != 4 {
		t.Errorf("got %d calls, %d deviating; want 5 and 4", tally.Calls, tally.Deviating)
	}
	rows := tally.Rows()
	if len(rows) != 2 || rows[0].Violation != a || rows[0].Count != 3 || rows[0].First != 3 || rows[1].Violation != b || rows[1].Count != 2 || rows[1].First != 2 {
		t.Errorf("got %+v", rows)
	}
}
