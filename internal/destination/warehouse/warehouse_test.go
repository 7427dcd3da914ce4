package warehouse

import (
	"encoding/json"
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

func TestLongTextsStayApart(t *testing.T) {
	long := strings.Repeat("é", 50)
	a, b := Bound(long+"a", MaxName), Bound(long+"b", MaxName)
	if a == b || len(a) > MaxName || !utf8.ValidString(a) {
		t.Errorf("got %q and %q", a, b)
	}
}
