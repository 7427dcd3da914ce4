package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func with(level Level, content Content) *Redactor {
	return New(Config{Mode: func(string) Mode { return Mode{level, content} }, Key: testKey})
}

func redacted(t *testing.T, r *Redactor, text string) event.Raw {
	t.Helper()
	c := event.Raw{JSON: []byte(text)}
	before := bytes.Clone(c.JSON)
	in := c.JSON
	r.Call("default", "web", &c)
	if !bytes.Equal(in, before) {
		t.Fatalf("%s: bytes of the call were changed in place", text)
	}
	if !json.Valid(c.JSON) {
		t.Fatalf("%s: became %s, which is no JSON", text, c.JSON)
	}
	return c
}

func TestStructuredMasksEveryField(t *testing.T) {
	r := with(Structured, Full)
	f := func(in, want string) {
		t.Helper()
		if got := string(redacted(t, r, in).JSON); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
	f(`{"type":"track","event":"Message Sent"}`, `{"type":"track","event":"Message Sent"}`)
	f(`{"properties":{"message_body":"write to ann@example.com, please"}}`, `{"properties":{"message_body":"write to [email], please"}}`)
	f(`{"properties":{"a":["4111 1111 1111 1111",{"b":"x"}]}}`, `{"properties":{"a":["[card]",{"b":"x"}]}}`)
	f(`{"properties":{"amount":4111111111111111,"n":41,"big":123456789012}}`, `{"properties":{"amount":"[card]","n":41,"big":123456789012}}`)
	f(`{"properties":{"amount":4.111111111111111e15}}`, `{"properties":{"amount":"[card]"}}`)
	f(`{"properties":{"ann@example.com":1}}`, `{"properties":{"[email]":1}}`)
	f(`{"properties":{"a":"ann\u0040example.com"}}`, `{"properties":{"a":"[email]"}}`)
	f(`{"properties":{"a":"ann%40example.com and &quot;"}}`, `{"properties":{"a":"[email] and &quot;"}}`)
	f(`{"properties":{"a":"`+"４１１１ １１１１ １１１１ １１１１"+`"}}`, `{"properties":{"a":"[card]"}}`)
	f(`{"properties":{"args":"{\"to\":\"ann@example.com\",\"n\":[1]}"}}`, `{"properties":{"args":"{\"to\":\"[email]\",\"n\":[1]}"}}`)
	f(`{"properties":{"args":"{\"in\":\"{\\\"to\\\":\\\"+49 30 901820\\\"}\"}"}}`, `{"properties":{"args":"{\"in\":\"{\\\"to\\\":\\\"[phone]\\\"}\"}"}}`)
	f(`{"properties":{"args":"{not json ann@example.com"}}`, `{"properties":{"args":"{not json [email]"}}`)
	f(`{"properties":{"password":"hunter2","max_tokens":4096,"token":"abc"}}`, `{"properties":{"password":"[secret]","max_tokens":4096,"token":"[secret]"}}`)
	f(`{"properties":{"phone":4155550123,"order":4155550123}}`, `{"properties":{"phone":"[phone]","order":4155550123}}`)
	f(`{"properties":{"eyJhbGciOiJIUzI1NiJ9":{"c2MMs39xjbZANkmq8":{"rte2WprqgYZ":1}},"eye":{"a":1}}}`, `{"properties":{"[secret]":{"[secret]":{"[secret]":1}},"eye":{"a":1}}}`)
	f(`{"context":{"ip":"203.0.113.7","userAgent":"Chrome/120.0.0.0"}}`, `{"context":{"ip":"[ip]","userAgent":"Chrome/120.0.0.0"}}`)
	f(`{"context":{"page":{"url":"https://x.example/?email=ann%40example.com&page=2"}}}`, `{"context":{"page":{"url":"https://x.example/?email=[email]&page=2"}}}`)
	f(`{"timestamp":"2026-11-21T03:04:26.334Z","n":"1763725466334","id":"0b8f9e3c-1234-4321-8765-123456789012"}`,
		`{"timestamp":"2026-11-21T03:04:26.334Z","n":"1763725466334","id":"0b8f9e3c-1234-4321-8765-123456789012"}`)
}

// The address of a trait identifies, so that it joins people on two devices; in texts it is masked.
func TestAddressOfATraitBecomesThePseudonymOfAnID(t *testing.T) {
	f := func(level Level, content Content) {
		t.Helper()
		r := with(level, content)
		want := strings.TrimSuffix(strings.TrimPrefix(string(redacted(t, r, `{"userId":"ann@example.com"}`).JSON), `{"userId":"`), `"}`)
		if !strings.HasPrefix(want, "email_") {
			t.Fatalf("level %v, content %v: an id became %q", level, content, want)
		}
		for _, in := range []string{`{"traits":{"email":"Ann@Example.com"}}`, `{"context":{"traits":{"email":"ann@example.com"}}}`, `{"context":{"externalIds":[{"id":"ann@example.com","type":"email"}]}}`} {
			if got := string(redacted(t, r, in).JSON); !strings.Contains(got, `"`+want+`"`) {
				t.Errorf("level %v, content %v: %s became %s, without %s", level, content, in, got, want)
			}
		}
		identify := event.Raw{Type: "identify", JSON: []byte(`{"properties":{"email":"ann@example.com"}}`)} // its properties are its traits
		if r.Call("default", "web", &identify); !strings.Contains(string(identify.JSON), `"`+want+`"`) {
			t.Errorf("level %v, content %v: an identify call became %s, without %s", level, content, identify.JSON, want)
		}
		for _, in := range []string{`{"properties":{"email":"ann@example.com"}}`, `{"traits":{"company":{"email":"ann@example.com"}}}`, `{"traits":{"bio":"ann@example.com"}}`} {
			if got := string(redacted(t, r, in).JSON); strings.Contains(got, "email_") || strings.Contains(got, "ann@") {
				t.Errorf("level %v, content %v: %s became %s", level, content, in, got)
			}
		}
	}
	f(Structured, Full)
	f(Structured, Metadata)
	f(All, Full)
}

// A person keeps one id: the same for every way to write the address, in every field and every source.
func TestIDsBecomePseudonymsThatJoin(t *testing.T) {
	r := with(Structured, Full)
	id := func(in string) string {
		t.Helper()
		var v struct {
			UserID     string `json:"userId"`
			Properties struct {
				ConversationID string `json:"conversation_id"`
			}
		}
		if err := json.Unmarshal(redacted(t, r, in).JSON, &v); err != nil {
			t.Fatal(err)
		}
		return v.UserID + v.Properties.ConversationID
	}
	a := id(`{"userId":"Ann@Example.com"}`)
	if !strings.HasPrefix(a, "email_") || strings.Contains(strings.ToLower(a), "ann") {
		t.Fatalf("got %q, want a pseudonym", a)
	}
	if b := id(`{"userId":"ann@example.com"}`); b != a {
		t.Errorf("got %q and %q for one address", a, b)
	}
	if b := id(`{"userId":"bob@example.com"}`); b == a {
		t.Errorf("two addresses have one pseudonym %q", b)
	}
	if b := id(`{"properties":{"conversation_id":"ann@example.com"}}`); b != a {
		t.Errorf("got %q in another field, want %q", b, a)
	}
	other := New(Config{Mode: func(string) Mode { return Mode{} }, Key: []byte("another")})
	r = other
	if b := id(`{"userId":"ann@example.com"}`); b == a {
		t.Errorf("another workspace has the same pseudonym %q", b)
	}
	r = with(Structured, Full)
	c := event.Raw{ID: "m-ann@example.com-1", JSON: []byte(`{"messageId":"m-ann@example.com-1"}`)}
	r.Call("", "", &c)
	if want := `{"messageId":"` + c.ID + `"}`; string(c.JSON) != want || strings.Contains(c.ID, "@") {
		t.Errorf("event id %q, call %s: want the same pseudonym", c.ID, c.JSON)
	}
	if again := r.ID("", c.ID); again != c.ID {
		t.Errorf("a pseudonym %q became %q when it came again", c.ID, again)
	}
}

func TestLengthAndHashAreThoseBefore(t *testing.T) {
	f := func(r *Redactor, in, text string) {
		t.Helper()
		c := redacted(t, r, in)
		chars, hash := event.BodyChars(text), event.BodyHash(testKey, text)
		if text == "" {
			chars, hash = 0, ""
		}
		if c.BodyChars != chars || c.BodyHash != hash {
			t.Errorf("%s: got %d %q, want %d %q", in, c.BodyChars, c.BodyHash, chars, hash)
		}
	}
	f(with(Structured, Full), `{"properties":{"message_body":"I am ann@example.com é"}}`, "I am ann@example.com é")
	f(with(Structured, Full), `{"properties":{"content":"\u0061nn@example.com"}}`, "ann@example.com")
	f(with(Structured, Full), `{"properties":{"message_body":"hello","text":"ann@example.com"}}`, "")
	f(with(Structured, Full), `{"properties":{"text":"ann@example.com","message_body":"hello"}}`, "")
	f(with(Structured, Full), `{"properties":{"message_body":"hello"}}`, "")
	f(with(Structured, Full), `{"properties":{"message_body":4111111111111111}}`, "4111111111111111")
	f(with(Structured, Full), `{"context":{"content":"ann@example.com"}}`, "")
	f(with(Off, Metadata), `{"properties":{"message_body":"hello there"}}`, "hello there")
	f(with(Off, Full), `{"properties":{"message_body":"ann@example.com"}}`, "")
}

func TestOffLeavesCallsAlone(t *testing.T) {
	const in = `{"userId":"ann@example.com","properties":{"message_body":"4111111111111111","password":"x"}}`
	if c := redacted(t, with(Off, Full), in); string(c.JSON) != in || c.Masked != nil {
		t.Errorf("got %s %v", c.JSON, c.Masked)
	}
}

func TestMetadataKeepsNoText(t *testing.T) {
	r := with(Structured, Metadata)
	f := func(in, want string) {
		t.Helper()
		if got := string(redacted(t, r, in).JSON); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
	f(`{"type":"track","event":"Message Sent","userId":"u 1","properties":{"message_body":"Hello","role":"customer","plan_tier":"premium","note":"Call me","score":3}}`,
		`{"type":"track","event":"Message Sent","userId":"u 1","properties":{"message_body":"","role":"customer","plan_tier":"premium","note":"","score":3}}`)
	f(`{"properties":{"unknown":"two words","city":"Rome","arguments":{"to":"Ann","n":5,"deep":[{"x":"y"}]}}}`,
		`{"properties":{"unknown":"","city":"","arguments":{"to":"","n":null,"deep":[{"x":""}]}}}`)
	f(`{"properties":{"gen_ai.input.messages":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi Ann\"}]}]","gen_ai.usage.input_tokens":12}}`,
		`{"properties":{"gen_ai.input.messages":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"\"}]}]","gen_ai.usage.input_tokens":12}}`)
	f(`{"context":{"page":{"url":"https://x.example/a?q=my+secret","title":"My page"},"library":{"name":"analytics.js"}},"traits":{"name":"Ann","plan":"pro"}}`,
		`{"context":{"page":{"url":"https://x.example/a","title":""},"library":{"name":"analytics.js"}},"traits":{"name":"","plan":"pro"}}`)
	f(`{"properties":{"result":42,"message_body":7}}`, `{"properties":{"result":null,"message_body":""}}`)
}

func TestWhatWasMaskedIsCounted(t *testing.T) {
	c := event.Raw{ID: "e", IP: "203.0.113.7", UserAgent: "agent ann@example.com", Reject: &event.Reject{Message: "bad ann@example.com"},
		JSON: []byte(`{"a":"ann@example.com 4111111111111111"}`)}
	with(Structured, Full).Call("", "", &c)
	got := map[string]int{}
	for _, m := range c.Masked {
		got[m.Rule] = m.N
	}
	if len(got) != 3 || got["email"] != 3 || got["card"] != 1 || got["ip"] != 1 {
		t.Errorf("counted %v", got)
	}
	if c.IP != "[ip]" || c.UserAgent != "agent [email]" || c.Reject.Message != "bad [email]" {
		t.Errorf("got %q %q %q", c.IP, c.UserAgent, c.Reject.Message)
	}
}

func FuzzCall(f *testing.F) {
	f.Add(`{"properties":{"message_body":"ann@example.com","a":["4111 1111 1111 1111",-4e15,true]}}`)
	f.Add(`{"a\u0040b.cd":"{\"x\":\"{\\\"y\\\":1}\"}","traits":{"name":"A"},"b":[[{}]]}`)
	f.Add(`{"a":"%40&#64;é` + "\u200b" + `\ud83d"}`)
	redactors := []*Redactor{with(Structured, Full), with(All, Full), with(Off, Redacted), with(Structured, Metadata)}
	f.Fuzz(func(t *testing.T, text string) {
		var v map[string]any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		for _, r := range redactors {
			once := redacted(t, r, text)
			again := redacted(t, r, string(once.JSON))
			if r.mode("").Content != Full {
				continue
			}
			for _, m := range again.Masked {
				if m.Rule == "card" || m.Rule == "email" {
					t.Fatalf("%s became %s, in which %s is found again", text, once.JSON, m.Rule)
				}
			}
		}
	})
}

// TestKeysAreKnownHoweverTheyAreWritten: every name is found in the table, with separators and capitals too.
func TestKeysAreKnownHoweverTheyAreWritten(t *testing.T) {
	for name, want := range keyInfos {
		for _, key := range []string{name, strings.ToUpper(name), name[:1] + "_" + name[1:], name[:1] + "- $" + name[1:]} {
			if got := classify(key); got != want {
				t.Errorf("%q: got %+v, want %+v", key, got, want)
			}
		}
		want.body = 0
		if got := classify("any.other/" + name); got != want {
			t.Errorf("%q behind dots: got %+v, want %+v", name, got, want)
		}
	}
	for _, key := range []string{"", "_", "x", "passwor", "passwordx", strings.Repeat("a", 41)} {
		if got := classify(key); got != (keyInfo{}) {
			t.Errorf("%q: got %+v, want nothing", key, got)
		}
	}
}
