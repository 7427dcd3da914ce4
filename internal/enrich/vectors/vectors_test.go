package vectors

import "testing"

func TestWordsUsedAlikeAreNear(t *testing.T) {
	table := English()
	f := func(a, near, far string) {
		t.Helper()
		i, j, k := table.Find([]byte(a)), table.Find([]byte(near)), table.Find([]byte(far))
		if i < 0 || j < 0 || k < 0 {
			t.Fatalf("%q %q %q: got numbers %d %d %d, want all known", a, near, far, i, j, k)
		}
		if x, y := table.Cosine(i, j), table.Cosine(i, k); x <= y {
			t.Errorf("%q: %q is %.2f and %q %.2f, want the first nearer", a, near, x, far, y)
		}
	}
	f("refund", "reimbursement", "guitar")
	f("card", "cards", "weather")
	f("song", "album", "tax")
	f("cancel", "postpone", "yellow")
}

func TestFindTakesPossessivesAndRefusesTheUnknown(t *testing.T) {
	table := English()
	if got, want := table.Find([]byte("bank's")), table.Find([]byte("bank")); got != want || got < 0 {
		t.Errorf("bank's: got %d, want %d as bank", got, want)
	}
	if got := table.Find([]byte("qzxqzx")); got != -1 {
		t.Errorf("qzxqzx: got %d, want -1", got)
	}
}

func TestTelling(t *testing.T) {
	table := English()
	if the, refund := table.Weight(table.Find([]byte("the"))), table.Weight(table.Find([]byte("refund"))); the*5 > refund {
		t.Errorf("weights: the %.2f, refund %.2f; want refund to tell at least five times as much", the, refund)
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("debrief vectors 2\n00000000"), file[:len(file)-1]} {
		if _, err := read(b); err == nil {
			t.Errorf("read %d bytes: got no error", len(b))
		}
	}
}
