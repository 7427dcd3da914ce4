package vocab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// oracle reads an object with encoding/json: its members as decoded values.
func oracle(data string) (map[string]any, bool) {
	dec := json.NewDecoder(strings.NewReader(data))
	dec.UseNumber()
	var m map[string]any
	if !json.Valid([]byte(data)) || !utf8.ValidString(data) || dec.Decode(&m) != nil || m == nil {
		return nil, false
	}
	return m, true
}

func decode(t *testing.T, data string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("value %q: %v", data, err)
	}
	return v
}

// agree compares the scanner with the oracle.
func agree(t *testing.T, data string) {
	t.Helper()
	var o, props object
	o.inner = []inner{{"properties", &props}}
	var scan jsonscan.Scanner
	err := o.parse(&scan, data)
	want, valid := oracle(data)
	if valid != (err == nil) {
		t.Fatalf("%q: error %v, but valid %t", data, err, valid)
	}
	if !valid {
		return
	}
	sameMembers(t, data, &o, want)
	if p, ok := want["properties"].(map[string]any); ok {
		sameMembers(t, data, &props, p)
	}
	if scan.Unpaired {
		paired := string(jsonscan.AppendPaired(nil, data))
		if len(paired) != len(data) || o.parse(&scan, paired) != nil || scan.Unpaired {
			t.Fatalf("%q with surrogates paired is %q", data, paired)
		}
		if got, _ := oracle(paired); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q means %v, with surrogates paired %v", data, want, got)
		}
	}
}

func sameMembers(t *testing.T, data string, o *object, want map[string]any) {
	t.Helper()
	if len(o.members) != len(want) {
		t.Fatalf("%q: %d members %v, want %v", data, len(o.members), o.members, want)
	}
	for _, m := range o.members {
		w, ok := want[m.key]
		if !ok {
			t.Fatalf("%q: key %q is not in %v", data, m.key, want)
		}
		if got := decode(t, m.value.text); !reflect.DeepEqual(got, w) {
			t.Fatalf("%q: %q is %s, want %v", data, m.key, m.value.text, w)
		}
		if s, isString := w.(string); isString {
			if got, ok := m.value.Text(); !ok || got != s {
				t.Fatalf("%q: text of %q is %q, want %q", data, m.key, got, s)
			}
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(m.value.text)); err != nil || compact.String() != m.value.JSON() {
			t.Fatalf("%q: %q compact is %s, want %s", data, m.key, m.value.JSON(), compact.String())
		}
	}
}

// samples are objects, and texts that are none.
func samples() []string {
	values := []string{
		`null`, `true`, `false`, `0`, `-0`, `1.5`, `1e9`, `-1.25E-3`, `123456789012345678901234567890`, `""`, `"a"`, `"é😀"`,
		`"\"\\\/\b\f\n\r\t"`, `"\u0000"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83dA"`,
		`[]`, `[ ]`, `[1,[2,{"a":"b"}]]`, `{}`, `{ "a" : [ 1 , 2 ] , "b":" , " }`, `{"k":"\udc00"}`, `{"\udc00":1}`,
		`tru`, `nul`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `NaN`, `"a`, `"\x"`, `"\u12"`, `"\u123g"`, "\"\n\"", `[1,]`, `[,1]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, ``,
	}
	out := []string{``, ` `, `null`, `[]`, `{}`, `{ }`, `{}x`, `{`, `{"a":1`, `{"a":1}}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`,
		`{"properties":{"a":1},"properties":null}`, `{"properties":{"a":1},"properties":{"b":{"c":[]}}}`, `{"properties":{"a":1,"a":2}}`, "{\"a\xff\":1}",
		`{"":1,"":2}`, ` { "a" : 1 , "properties" : { "b" : 2 } } `}
	for _, v := range values {
		out = append(out, `{"a":`+v+`}`, `{"a":0, "properties": {"b":`+v+`}}`, `{"properties":`+v+`,"z":[`+v+`]}`)
	}
	var wide strings.Builder
	for i := range 60 {
		fmt.Fprintf(&wide, `,"k%d":%d`, i%50, i)
	}
	return append(out, `{"a":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)+`}`, `{"first":1`+wide.String()+`}`)
}

func TestScannerAgreesWithEncodingJSON(t *testing.T) {
	for _, s := range samples() {
		agree(t, s)
	}
}

func TestScannerRefusesEndlessNesting(t *testing.T) {
	var o object
	var scan jsonscan.Scanner
	if err := o.parse(&scan, `{"a":`+strings.Repeat(`[`, 1e6)); err == nil {
		t.Error("a million open arrays are accepted")
	}
}

func FuzzScanner(f *testing.F) {
	for _, s := range samples() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if strings.Count(data, "[")+strings.Count(data, "{") > maxDepth/2 {
			t.Skip("deeper than the door lets through")
		}
		agree(t, data)
	})
}
