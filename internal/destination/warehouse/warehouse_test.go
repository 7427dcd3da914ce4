package warehouse

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestName(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := Name(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f("Stock Purchased", "stock_purchased")
	f("conversationId", "conversation_id")
	f("Conversation ID", "conversation_id")
	f("URLPath", "url_path")
	f("userID", "user_id")
	f("$ai.model--name ", "ai_model_name")
	f("v2Beta", "v2_beta")
	f("2nd", "_2nd")
	f("Größe 購入", "größe_購入")
	f("★ !", "")
	f("", "")
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Stock Purchased", "a\x00b\xff", strings.Repeat("é", 100), "___", "1", "ǅ", "İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := Name(text)
		if len(name) > MaxName || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\"` ") {
			t.Errorf("%q: got %q", text, name)
		}
		if name != "" && Name(text) != name {
			t.Errorf("%q: not the same twice", text)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`null`, `"a\u0000b\ud800"`, `[1e999999,-0,1E-5]`, `{"a\u0000":{"b":[null]}}`, `1e99999999999999999999`, `tru`, ``} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		kind, text := read(json.RawMessage(raw))
		if strings.Contains(text, "\x00") || !utf8.ValidString(text) {
			t.Errorf("%q: got %q", raw, text)
		}
		if kind == JSON && (!json.Valid([]byte(text)) || strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\u0000`)) {
			t.Errorf("%q: got no JSON that databases store: %q", raw, text)
		}
	})
}

// A null takes the value from its column and from the one beside it, whatever arrives first; in a table without room it
// is null in more; what was never said is noted only so often.
func TestNullTakesAway(t *testing.T) {
	said := func(stamp string, traits ...Field) *Latest {
		return &Latest{Table: Users, ID: "u", Stamp: stamp, Fields: traits}
	}
	number, text, null := Field{"score", "traits.score", Number, "1"}, Field{"score", "traits.score", Text, "high"}, Field{"score", "traits.score", Null, ""}
	f := func(limit int, want map[string]string, calls ...*Latest) {
		t.Helper()
		table := &Table{Name: Users, Columns: map[string]Kind{"id": Text, TraitTimes: JSON, More: JSON, "score": Number, "score_text": Text}, Limit: limit}
		for range calls {
			calls = append(calls[1:], calls[0]) // every order that is a turn of this one
			if got := Newest(table, calls, nil)["u"]; !maps.Equal(got.Values, want) {
				t.Errorf("got %v, want %v", got.Values, want)
			}
		}
	}
	f(9, map[string]string{}, said("1", number), said("2", text), said("3", null))
	f(9, map[string]string{"score_text": "high"}, said("1", number), said("2", null), said("3", text))
	f(9, map[string]string{"score": "1"}, said("1", text), said("2", null, number))
	f(5, map[string]string{More: `{"traits.full":null}`}, said("1", Field{"full", "traits.full", Text, "x"}), said("2", Field{"full", "traits.full", Null, ""}))

	table := &Table{Name: Users, Columns: map[string]Kind{"score": Number}, Limit: 50}
	var calls []*Latest
	for n := range 1000 {
		calls = append(calls, said("1", Field{Name: fmt.Sprint("never_", n), Kind: Null}))
	}
	if got := len(Newest(table, calls, nil)["u"].Stamps); got > 2*table.Limit {
		t.Errorf("%d times are noted of what was never said", got)
	}
}

func TestLongTextsStayApart(t *testing.T) {
	long := strings.Repeat("é", 50)
	a, b := Bound(long+"a", MaxName), Bound(long+"b", MaxName)
	if a == b || len(a) > MaxName || !utf8.ValidString(a) {
		t.Errorf("got %q and %q", a, b)
	}
}
