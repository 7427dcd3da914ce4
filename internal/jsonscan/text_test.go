package jsonscan

import (
	"bytes"
	"encoding/json"
	"testing"
	"unsafe"
)

// checkText holds what rewrites text to encoding/json. The text was scanned by s without fault.
func checkText(t *testing.T, text []byte, s *Scanner) {
	t.Helper()
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatalf("%q: oracle: %v", text, err)
	}
	compact := AppendCompact(nil, string(text))
	if !bytes.Equal(compact, want.Bytes()) {
		t.Fatalf("%q: compact it is %q, want %q", text, compact, want.Bytes())
	}
	if spaced := len(compact) != len(text); s.Spaced != spaced {
		t.Fatalf("%q: spaced is %v, but compact it is %q", text, s.Spaced, compact)
	}
	paired := AppendPaired(nil, string(text))
	if len(paired) != len(text) || s.Unpaired == bytes.Equal(paired, text) {
		t.Fatalf("%q: unpaired is %v, but it is paired to %q", text, s.Unpaired, paired)
	}
	var again Scanner
	again.ResetCopy(string(paired))
	again.End(again.Value(again.Space(0)))
	if again.Err() != nil || again.Unpaired {
		t.Fatalf("%q paired to %q: error %v, unpaired %v", text, paired, again.Err(), again.Unpaired)
	}
	if a, b := canonical(t, text), canonical(t, paired); a != b {
		t.Fatalf("%q paired to %q: means %s, want %s", text, paired, b, a)
	}
}

// checkQuoted holds the writer of strings to encoding/json, whatever the string.
func checkQuoted(t *testing.T, value string) {
	t.Helper()
	quoted := AppendQuoted(nil, value)
	var got, want string
	if err := json.Unmarshal(quoted, &got); err != nil {
		t.Fatalf("%q is written %s: %v", value, quoted, err)
	}
	again, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("%q: oracle: %v", value, err)
	}
	if err := json.Unmarshal(again, &want); err != nil || got != want {
		t.Fatalf("%q is written %s, which means %q, want %q", value, quoted, got, want)
	}
}

func TestNumbersAreThoseOfJSON(t *testing.T) {
	for _, seed := range append(seeds, "1\x00", " 1", "1 ", "9007199254740993", "1"+string(bytes.Repeat([]byte("0"), 100))) {
		var n json.Number
		want := json.Unmarshal([]byte(seed), &n) == nil && n.String() == seed
		if got := IsNumber(seed); got != want {
			t.Errorf("%q: got %v, want %v", seed, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { IsNumber("1795230266.334") }); n != 0 {
		t.Errorf("%v allocations for a number, want none", n)
	}
}

func TestResetCopyLeavesWhatIsBehindTheText(t *testing.T) {
	record := []byte(`{"a":1}{"b":2}`)
	var s Scanner
	for range 2 {
		s.ResetCopy(unsafe.String(&record[0], 7)) // as package vocab does
		if s.End(s.Value(0)); s.Err() != nil {
			t.Fatal(s.Err())
		}
	}
	if string(record) != `{"a":1}{"b":2}` {
		t.Errorf("the record is now %q", record)
	}
	if n := testing.AllocsPerRun(100, func() { s.ResetCopy("[1,2]") }); n != 0 {
		t.Errorf("%v allocations for a second text, want none", n)
	}
}
