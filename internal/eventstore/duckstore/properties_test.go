package duckstore

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
)

// What DuckDB reads from properties as they are stored is what the contract says of them as sent: the
// texts of query.Property, checked one by one.
func TestPropertiesAreReadAsSent(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := func(sent, want string) {
		t.Helper()
		stored, changed := normalProperties(json.RawMessage(sent))
		if !json.Valid(stored) {
			t.Fatalf("%s is stored as %s", sent, stored)
		}
		if !changed && string(stored) != sent {
			t.Errorf("%s changed to %s without notice", sent, stored)
		}
		x := expr{}
		one, _ := x.values("j")
		var got sql.NullString
		err := db.QueryRow("SELECT "+one+` FROM (SELECT json_extract($1::VARCHAR, '$."a"')::VARCHAR AS j)`, string(stored)).Scan(&got)
		if err != nil {
			t.Fatalf("%s: %v", sent, err)
		}
		if got.String != want {
			t.Errorf("%s is read as %q, want %q", sent, got.String, want)
		}
	}
	f(`{"a":"text"}`, "text")
	f(`{"a":"tab\t \"quoted\" \\ \u00e9\u0000end"}`, "tab\t \"quoted\" \\ é\x00end")
	f(`{"a":"\ud83d\ude00"}`, "😀")
	f(`{"a":"\\ud83d"}`, `\ud83d`)
	f(`{"a":"half \ud83d"}`, "half \ufffd")
	f(`{"a":true}`, "true")
	f(`{"a":null}`, "")
	f(`{"a":{"b":1}}`, "")
	f(`{"a":""}`, "")
	f(`{"a":"{not an object"}`, "{not an object")
	f(`{"a":"[not a list"}`, "[not a list")
	f(`{"a":12}`, "12")
	f(`{"a":-0}`, "0")
	f(`{"a":0}`, "0")
	f(`{"a":123456789012345678901234567890}`, "123456789012345678901234567890")
	f(`{"a":12.50}`, "12.5")
	f(`{"a":12.5}`, "12.5")
	f(`{"a":0.001}`, "0.001")
	f(`{"a":0.0000001}`, "1e-7")
	f(`{"a":-0.0}`, "0")
	f(`{"a":1e3}`, "1000")
	f(`{"a":1E-9}`, "1e-9")
	f(`{"a":1.0}`, "1")
	f(`{"a":1e400}`, "1e400")
	f(`{"a":99999.99999}`, "99999.99999")
	f(`{ "a" : 1 , "b" : [1.0, 2] }`, "1")
	f(`{"a":1,"a":2}`, "1")
}

// A path of odd keys is a path of these keys: never a wildcard, an index or the end of the statement.
func TestPropertyPaths(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := func(properties, path, want string) {
		t.Helper()
		at := "$1::VARCHAR"
		args := []any{properties}
		for _, step := range jsonPaths(path) {
			args = append(args, step)
			at = "json_extract(" + at + ", $" + string(rune('0'+len(args))) + "::VARCHAR)"
		}
		var got sql.NullString
		if err := db.QueryRow("SELECT "+at+"::VARCHAR", args...).Scan(&got); err != nil {
			t.Fatalf("%s of %s: %v", path, properties, err)
		}
		if got.String != want {
			t.Errorf("%s of %s is %q, want %q", path, properties, got.String, want)
		}
	}
	f(`{"a":{"b":1}}`, "a.b", "1")
	f(`{"a":[5,6]}`, "a.0", "")
	f(`{"a":{"0":7}}`, "a.0", "7")
	f(`{"*":1,"b":2}`, "*", "1")
	f(`{"a":{"*":{"c":3},"x":{"c":4}}}`, "a.*.c", "3")
	f(`{"b":2}`, "*", "")
	f(`{"**":1,"b":{"**":2}}`, "**", "1")
	f(`{"a*":1,"ab":2}`, "a*", "1")
	f(`{"a\"b":1}`, `a"b`, "1")
	f(`{"a\\b":1}`, `a\b`, "1")
	f(`{"a/b":1,"~":2}`, "a/b", "1")
	f(`{"$":1}`, "$", "1")
	f(`{"a b'":1}`, "a b'", "1")
	f(`{"#":1}`, "#", "1")
	f(`{"[0]":1}`, "[0]", "1")
	f(`{"é":{"":0,"\u0000":1}}`, "é.\x00", "1")
}

// FuzzNormalProperties: whatever was sent, what is stored is valid JSON with the same keys and values
// to every question.
func FuzzNormalProperties(f *testing.F) {
	for _, seed := range []string{`{"a":1.50}`, `{"a":"\ud800"}`, `{"a":[1e3,-0,{"b":"\\"}]}`, `{}`, `{"\ud800x":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if !json.Valid([]byte(sent)) {
			t.Skip()
		}
		stored, changed := normalProperties(json.RawMessage(sent))
		if !json.Valid(stored) {
			t.Fatalf("%q is stored as %q", sent, stored)
		}
		again, more := normalProperties(stored)
		if more || string(again) != string(stored) {
			t.Errorf("%q is stored as %q, and that as %q", sent, stored, again)
		}
		if !changed && string(stored) != sent {
			t.Errorf("%q changed to %q without notice", sent, stored)
		}
		if !strings.ContainsAny(sent, "0123456789\\") && changed {
			t.Errorf("%q has nothing to change, but became %q", sent, stored)
		}
	})
}

func TestExactRank(t *testing.T) {
	for _, q := range []float64{0.9, 0.95, 0.99, 0.75, 0.25, 0.999} {
		if !exactRank(q) {
			t.Errorf("quantile %v takes the slow way", q)
		}
	}
	if exactRank(0.07) {
		t.Error("0.07·100 is 7.000000000000001 in float64, so that its rank is 8: DuckDB would say 7")
	}
}
