package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// seeds are texts of every kind, right and wrong; the fuzz targets start from them too.
var seeds = []string{
	``, ` `, `{}`, `[]`, ` { } `, `null`, `true`, `false`, `nul`, `truex`, `0`, `-0`, `01`, `1.`, `.5`, `1e`, `1e+`, `-`, `12.50E-3`, `+1`,
	`"a"`, `"a`, `"\`, `"\u`, `"\u12`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83d\u0041"`, `"\x"`, `"a` + "\n" + `"`, "\"\x00\"", `"\u0000"`,
	`"\ud83d\ud83d\ude00"`, `"\ud83d\u12"`, `"\ud83d\n\ude00"`, `"\uD83D\uDE00 \\\ud83d"`, `{"\udc00":" [ "}`, ` [ "a , b" , "\" ]" ] `, `{ "k" :1}`,
	"\"\xff\"", "\"abcdefgh\xc3\"", "\"\xed\xa0\x80\"", `"é漢📈"`, `"\"\\\/\b\f\n\r\t"`, `"1234567"`, `"12345678"`, `"1234567\"9"`, `"1234567\\9"`,
	`{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a" : 1 , "b":[ 1 ,2, {"c":null}] }`, `{"a":1 "b":2}`, `{a:1}`, `{"a":1}}`, `[1,]`, `[,1]`, `[1 2]`, `[}`, `{]`,
	`[[[[[]]]]]`, `{"a":{"a":{"a":{}}}}`, `{"a":1,"a":2}`, `{"\u0061":1}`, "\ufeff{}", `{"userId": "123" || "anonymousId" : "768923ihuy32"}`, "{}\x00", "[1\x00]",
	strings.Repeat("[", 200) + strings.Repeat("]", 200), strings.Repeat(`{"a":[`, 70) + "1" + strings.Repeat("]}", 70), strings.Repeat("[", 1000),
	strings.Repeat("[", 65) + "{}" + strings.Repeat("]", 65), strings.Repeat("[", 64) + "}" + strings.Repeat("]", 64),
}

// check holds the scanner to encoding/json: the same verdict, the same boundaries, the same strings.
func check(t *testing.T, text []byte) {
	t.Helper()
	checkQuoted(t, string(text))
	var s Scanner
	s.Reset(bytes.Clone(text))
	start := s.Space(0)
	end := s.Value(start)
	s.End(end)
	err := s.Err()
	if depth := s.Deepest; depth > 9_000 {
		return // encoding/json stops at 10,000 levels
	}
	if valid := json.Valid(text); valid != (err == nil) {
		t.Fatalf("%q: got %v, encoding/json says valid=%v", text, err, valid)
	}
	if err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1 {
			t.Fatalf("%q: the error names no place: %#v", text, err)
		}
		return
	}
	checkText(t, text, &s)
	checkMembers(t, text, &s, start)
	checkStrings(t, text, s.Flawed)
}

// checkMembers compares the keys and values of an object, or the elements of an array.
func checkMembers(t *testing.T, text []byte, s *Scanner, i int) {
	t.Helper()
	var keys []string
	var values []string
	kind := s.Kind(i)
	if kind != '{' && kind != '[' {
		return
	}
	i, more := s.Enter(i)
	for more {
		if kind == '{' {
			var end int
			key := i
			end, i = s.Key(i)
			keys = append(keys, string(AppendUnquoted(nil, string(s.Text(key, end)))))
		}
		end := s.Value(i)
		values = append(values, string(s.Text(i, end)))
		i, more = s.Next(end, kind+2)
	}
	wantKeys, wantValues := oracle(t, text)
	if strings.Join(keys, "\x1f") != strings.Join(wantKeys, "\x1f") || strings.Join(values, "\x1f") != strings.Join(wantValues, "\x1f") {
		t.Fatalf("%q: got keys %q values %q, want %q %q", text, keys, values, wantKeys, wantValues)
	}
}

// oracle reads the members or elements of text with encoding/json.
func oracle(t *testing.T, text []byte) (keys, values []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		t.Fatalf("%q: oracle: %v", text, err)
	}
	for d.More() {
		if open == json.Delim('{') {
			k, err := d.Token()
			if err != nil {
				t.Fatalf("%q: oracle: %v", text, err)
			}
			keys = append(keys, k.(string))
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%q: oracle: %v", text, err)
		}
		values = append(values, string(v))
	}
	return keys, values
}

// checkStrings compares a lone string's value, and what mending does to any text.
func checkStrings(t *testing.T, text []byte, flawed bool) {
	t.Helper()
	trimmed := bytes.Trim(text, " \t\r\n")
	var want string
	if trimmed[0] == '"' {
		if err := json.Unmarshal(trimmed, &want); err != nil {
			t.Fatalf("%q: oracle: %v", text, err)
		}
		if got := string(AppendUnquoted(nil, string(trimmed))); got != want {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
		within := append(append([]byte("[ "), trimmed...), `,"\"longer than a word"]`...)
		escapes := bytes.IndexByte(trimmed, '\\') >= 0
		if end, escaped := StringEnd(within, 2); end != 2+len(trimmed) || escaped != escapes {
			t.Fatalf("%q: ends at %d, escaped %v, want %d, %v", within, end, escaped, 2+len(trimmed), escapes)
		}
	}
	mended := AppendMended(nil, text)
	if flawed == bytes.Equal(mended, text) {
		t.Fatalf("%q: flawed is %v, but it is mended to %q", text, flawed, mended)
	}
	var s Scanner
	s.Reset(bytes.Clone(mended))
	s.End(s.Value(s.Space(0)))
	if s.Err() != nil || s.Flawed || !utf8.Valid(mended) {
		t.Fatalf("%q mended to %q: error %v, flawed %v", text, mended, s.Err(), s.Flawed)
	}
	if a, b := canonical(t, text), canonical(t, mended); a != b {
		t.Fatalf("%q mended to %q: means %s, want %s", text, mended, b, a)
	}
}

func canonical(t *testing.T, text []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil && err != io.EOF {
		t.Fatalf("%q: oracle: %v", text, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%q: oracle: %v", text, err)
	}
	return string(out)
}

func TestScannerAgreesWithEncodingJSON(t *testing.T) {
	for _, seed := range seeds {
		check(t, []byte(seed))
	}
}

func TestScannerAgreesOnMutants(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	alphabet := []byte("{}[]\",:\\u0123456789abcdefeE+-. \n\ttruefalsn\xc3\xa9\xff\x00\xed\xa0")
	for range 100_000 {
		text := []byte(seeds[rnd.IntN(len(seeds))])
		for range 1 + rnd.IntN(3) {
			if len(text) == 0 {
				break
			}
			i := rnd.IntN(len(text))
			switch c := alphabet[rnd.IntN(len(alphabet))]; rnd.IntN(3) {
			case 0:
				text[i] = c
			case 1:
				text = append(text[:i], append([]byte{c}, text[i:]...)...)
			default:
				text = append(text[:i], text[i+1:]...)
			}
		}
		check(t, text)
	}
}

func FuzzScan(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(check)
}

func TestScannerTakesAnyDepth(t *testing.T) {
	const depth = 100_000
	var s Scanner
	s.Reset([]byte(strings.Repeat(`[{"a":`, depth/2) + "1" + strings.Repeat("}]", depth/2)))
	s.End(s.Value(0))
	if s.Err() != nil || s.Deepest != depth {
		t.Errorf("got depth %d, error %v; want %d", s.Deepest, s.Err(), depth)
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		var s Scanner
		s.Reset([]byte(text))
		s.End(s.Value(s.Space(0)))
		if err := s.Err(); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	f("{\n  \"userId\": \"123\" || \"anonymousId\"", "line 2, column 19: expected a comma or } after a member")
	f(`{"é":}`, "line 1, column 6: expected a value")
	f(`{"a":1`, "line 1, column 7: the text ends too early")
	f(``, "line 1, column 1: the text ends too early")
	f(`{} {}`, "line 1, column 4: more text follows the value")
}

func BenchmarkScan(b *testing.B) {
	call := []byte(`{"timestamp":"2026-11-21T03:04:26.334Z","integrations":{},"type":"track","event":"Message Sent","properties":{"conversationId":"conv-1","messageId":"m1","message_body":"What's the best stock in the Nasdaq right now? Please answer in one sentence, and say why you think so.","role":"customer"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"anonymousId":"anon-r1","messageId":"node-next-1795230266334-5b8aac09-fc3d-4d1e-b7a5-0a1b2c3d4e5f","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`)
	text := append(call, 0)[:len(call)]
	var s Scanner
	b.SetBytes(int64(len(call)))
	b.ReportAllocs()
	for b.Loop() {
		s.Reset(text)
		s.End(s.Value(0))
		if s.Err() != nil {
			b.Fatal(s.Err())
		}
	}
}
