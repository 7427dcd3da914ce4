package segment

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// partial is the answer to a batch with refused calls.
type partial struct {
	Success  bool
	Accepted int
	Rejected []struct {
		Index                    int
		MessageID, Code, Message string
	}
}

func parsePartial(t *testing.T, r reply) partial {
	t.Helper()
	var p partial
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 200 || !p.Success {
		t.Fatalf("got %d %s (%v), want 200 and success", r.status, r.body, err)
	}
	return p
}

func TestBadCallsAreRefusedOneByOne(t *testing.T) {
	d := newDoor(t, nil)
	long := strings.Repeat("x", 1025)
	deep := strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300)
	f := func(call, code string) {
		t.Helper()
		good := `{"type":"page","userId":"u"}`
		p := parsePartial(t, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(good, call, good)}))
		if p.Accepted != 2 || len(p.Rejected) != 1 || p.Rejected[0].Index != 1 || p.Rejected[0].Code != code || p.Rejected[0].Message == "" {
			t.Errorf("%.80s: got %+v, want one refusal with code %s at index 1", call, p, code)
		}
		all := d.stored()
		calls := all[len(all)-1].Calls
		if len(calls) != 3 || calls[0].Reject != nil || calls[1].Reject == nil || calls[1].Reject.Code != code || calls[2].Reject != nil {
			t.Errorf("%.80s: stored %+v", call, calls)
		}
		if calls[0].ID == "" || calls[2].ID == "" {
			t.Errorf("%.80s: the good calls have no ids", call)
		}
	}
	f(`5`, "invalid_event")
	f(`null`, "invalid_event")
	f(`[]`, "invalid_event")
	f(`"track"`, "invalid_event")
	f(`{}`, "missing_type")
	f(`{"userId":"u"}`, "missing_type")
	f(`{"type":"","userId":"u"}`, "missing_type")
	f(`{"type":"merge","userId":"u"}`, "unknown_type")
	f(`{"type":5,"userId":"u"}`, "unknown_type")
	f(`{"type":{},"userId":"u"}`, "unknown_type")
	f(`{"type":"click","action":"track","event":"E","userId":"u"}`, "unknown_type")
	f(`{"action":"check stock level","event":"E","userId":"u"}`, "missing_type")
	f(`{"type":"track","userId":"u"}`, "missing_event_name")
	f(`{"type":"track","event":"","userId":"u"}`, "missing_event_name")
	f(`{"type":"track","event":"  ","userId":"u"}`, "missing_event_name")
	f(`{"type":"track","event":null,"userId":"u"}`, "missing_event_name")
	f(`{"type":"track","event":{},"userId":"u"}`, "invalid_event_name")
	f(`{"type":"track","event":7,"userId":"u"}`, "invalid_event_name")
	f(`{"type":"track","event":"`+long+`","userId":"u"}`, "too_long_event_name")
	f(`{"type":"track","event":"E"}`, "missing_identity")
	f(`{"type":"track","event":"E","userId":null,"anonymousId":""}`, "missing_identity")
	f(`{"type":"track","event":"E","userId":" \t","anonymousId":"\u00a0"}`, "missing_identity")
	f(`{"type":"track","event":"E","groupId":"g","previousId":"p"}`, "missing_identity")
	f(`{"type":"identify","traits":{}}`, "missing_identity")
	f(`{"type":"alias"}`, "missing_identity")
	f(`{"type":"group","userId":"u"}`, "missing_group_id")
	f(`{"type":"group","userId":"u","groupId":""}`, "missing_group_id")
	f(`{"type":"group","userId":"u","groupId":[1]}`, "invalid_group_id")
	f(`{"type":"page","userId":{}}`, "invalid_user_id")
	f(`{"type":"page","userId":["u"]}`, "invalid_user_id")
	f(`{"type":"page","userId":true}`, "invalid_user_id")
	f(`{"type":"page","anonymousId":{},"userId":"u"}`, "invalid_anonymous_id")
	f(`{"type":"alias","previousId":{},"userId":"u"}`, "invalid_previous_id")
	f(`{"type":"page","userId":"u","messageId":{}}`, "invalid_message_id")
	f(`{"type":"page","userId":"`+long+`"}`, "too_long_user_id")
	f(`{"type":"page","anonymousId":"`+long+`"}`, "too_long_anonymous_id")
	f(`{"type":"page","userId":"u","messageId":"`+strings.Repeat("m", 10_000)+`"}`, "too_long_message_id")
	f(`{"type":"group","userId":"u","groupId":"`+long+`"}`, "too_long_group_id")
	f(`{"type":"page","userId":"u","properties":`+deep+`}`, "too_deep")
	f(`{"type":"page","userId":"u","context":`+deep+`}`, "too_deep")
	f(`{"type":"page","userId":"u","properties":{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}}`, "too_deep")
	f(`{"type":"page","userId":"u","properties":{"a":"`+strings.Repeat("a", 2_000_000)+`"}}`, "payload_too_large")
}

func TestSameCallsAlone(t *testing.T) {
	d := newDoor(t, nil)
	f := func(path, body, code string) {
		t.Helper()
		wantFailure(t, body, d.do(ask{path: path, headers: []string{basic("wk_web:")}, body: body}), 400, code)
		if c := d.lastCall(); c.Reject == nil || c.Reject.Code != code {
			t.Errorf("%s: stored %+v, want a refusal that people can see", body, c)
		}
	}
	f("/v1/t", `{"userId":"u"}`, "missing_event_name")
	f("/v1/t", `{"event":"E"}`, "missing_identity")
	f("/v1/g", `{"userId":"u"}`, "missing_group_id")
	f("/v1/i", `{"userId":{}}`, "invalid_user_id")
	f("/v1/t", `{"userId":"u","event":"E","properties":{"a":"`+strings.Repeat("a", 2_000_000)+`"}}`, "payload_too_large")
	f("/v1/t", `[]`, "invalid_json")
	f("/v1/t", `"x"`, "invalid_json")
	f("/v1/t", ``, "invalid_json")
}

func TestIDsThatAreTakenAsTheyCome(t *testing.T) {
	d := newDoor(t, nil)
	f := func(member, wantID string) {
		t.Helper()
		call := `{"type":"page","anonymousId":"a",` + member + `}`
		wantSuccess(t, call, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(call)}))
		if got := d.lastCall(); got.ID != wantID || string(got.JSON) != call {
			t.Errorf("%s: id %q and %s, want id %q and the call", call, got.ID, got.JSON, wantID)
		}
	}
	f(`"messageId":"msg123"`, "msg123")
	f(`"messageId":42`, "42")
	f(`"messageId":-1.5e3`, "-1.5e3")
	f(`"messageId":"\u00e9\"\ud83d\ude00"`, "é\"😀")
	f(`"messageId":null`, "made-1")
	f(`"messageId":""`, "made-2")
	f(`"messageId":"  "`, "made-3")
	f(`"userId":7`, "made-4")
	f(`"userId":null`, "made-5")
	f(`"userId":""`, "made-6")
	f(`"groupId":{}`, "made-7")
	f(`"messageId":"first","messageId":"last"`, "last")
	f(`"messageId":"`+strings.Repeat("é", 1024)+`"`, strings.Repeat("é", 1024))
	f(`"messageId":"a\u0000b"`, "a\x00b")
}

func TestGroupAndAliasMayHaveTheirOwnIDAlone(t *testing.T) {
	d := newDoor(t, nil)
	for _, call := range []string{`{"type":"group","groupId":"g"}`, `{"type":"alias","previousId":"p"}`, `{"type":"alias","userId":"u","previousId":"u"}`, `{"type":"group","groupId":12}`} {
		wantSuccess(t, call, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(call)}))
	}
}

func TestTypeIsThatOfRouteThenTypeThenAction(t *testing.T) {
	d := newDoor(t, nil)
	f := func(path, call, wantType, wantPath string) {
		t.Helper()
		body := call
		if path == "/v1/batch" {
			body = batchOf(call)
		}
		wantSuccess(t, path+" "+call, d.do(ask{path: path, headers: []string{basic("wk_web:")}, body: body}))
		if c := d.lastCall(); c.Type != wantType || c.Path != wantPath {
			t.Errorf("%s %s: type %q path %q, want %q %q", path, call, c.Type, c.Path, wantType, wantPath)
		}
	}
	f("/v1/batch", `{"type":"page","userId":"u"}`, "page", "")
	f("/v1/batch", `{"action":"identify","userId":"u"}`, "identify", "")
	f("/v1/batch", `{"type":null,"action":"identify","userId":"u"}`, "identify", "")
	f("/v1/batch", `{"type":"page","action":"identify","userId":"u"}`, "page", "")
	f("/v1/batch", `{"type":" Page ","userId":"u"}`, "page", "")
	f("/v1/batch", `{"type":"p\u0061ge","userId":"u"}`, "page", "")
	f("/v1/batch", `{"type":"page","userId":"u","properties":{"action":"identify","type":"x"}}`, "page", "")
	f("/v1/p", `{"type":"identify","userId":"u"}`, "page", "page")
	f("/v1/page", `{"action":"identify","userId":"u"}`, "page", "page")
	f("/v1/page", `{"type":{},"userId":"u"}`, "page", "page")
}

func TestOneRecordHoldsARequestInOrder(t *testing.T) {
	d := newDoor(t, nil)
	var calls []string
	for i := range 200 {
		calls = append(calls, fmt.Sprintf(`{"type":"page","userId":"u","messageId":"id-%d"}`, i))
	}
	wantSuccess(t, "200 calls", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(calls...)}))
	stored := d.stored()
	if len(stored) != 1 || len(stored[0].Calls) != 200 {
		t.Fatalf("stored %d records", len(stored))
	}
	for i, c := range stored[0].Calls {
		if c.ID != fmt.Sprintf("id-%d", i) || string(c.JSON) != calls[i] {
			t.Fatalf("call %d is %q %s", i, c.ID, c.JSON)
		}
	}
}

func TestEmptyBatchIsASuccess(t *testing.T) {
	d := newDoor(t, nil)
	for _, body := range []string{`{"batch":[]}`, `{"batch":null}`, `{"batch":[ ],"sentAt":"2026-11-21T03:04:30Z"}`} {
		wantSuccess(t, body, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}))
	}
	if n := len(d.stored()); n != 0 {
		t.Errorf("%d requests are stored, want none", n)
	}
}

func TestBodiesThatAreNoBatch(t *testing.T) {
	d := newDoor(t, nil)
	f := func(body, code string) {
		t.Helper()
		wantFailure(t, body, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}), 400, code)
	}
	f(`{}`, "invalid_batch")
	f(`[]`, "invalid_batch")
	f(track, "invalid_batch")
	f(`{"batch":{}}`, "invalid_batch")
	f(`{"batch":"x"}`, "invalid_batch")
	f(`5`, "invalid_batch")
	f(``, "invalid_json")
	f(`{"batch":[`, "invalid_json")
	f(batchOf(track)+"x", "invalid_json")
	f(`{"batch":[{"a":NaN}]}`, "invalid_json")
	f(`{'batch':[]}`, "invalid_json")
	f(strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000), "invalid_batch")
	f(strings.Repeat("[", 100_000), "invalid_json")
	f(`{"batch":[],"context":`+strings.Repeat(`{"a":`, 300)+"1"+strings.Repeat("}", 300)+`}`, "invalid_batch")
}

// The Identify example of the AI Copilot spec is no JSON; its reader is told where.
func TestPseudoJSONIsRefusedNamingThePlace(t *testing.T) {
	d := newDoor(t, nil)
	body := "{\n  \"userId\": \"123\" || \"anonymousId\" : \"768923ihuy32\",\n  \"action\": \"identify\",\n  \"properties\":\n}\n"
	r := d.do(ask{path: "/v1/identify", headers: []string{basic("wk_web:")}, body: body})
	wantFailure(t, "pseudo-JSON", r, 400, "invalid_json")
	if !strings.Contains(r.body, "line 2, column 19") {
		t.Errorf("got %s, want the place", r.body)
	}
	if c := d.lastCall(); c.Reject == nil || c.Reject.Code != "invalid_json" || c.JSON != nil || c.Path != "identify" {
		t.Errorf("stored %+v, want a visible refusal without the text", c)
	}
	for _, reading := range []string{`{"userId":"123","action":"identify","properties":null}`, `{"anonymousId":"768923ihuy32","action":"identify","properties":{}}`} {
		wantSuccess(t, reading, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(reading)}))
	}
}

func TestInvalidUTF8IsKeptAsReplacement(t *testing.T) {
	d := newDoor(t, nil)
	body := `{"batch":[` + track + `,{"type":"page","userId":"u` + "\xff" + `","messageId":"id` + "\xc3" + `"},` + track + `],"context":{"x":"y"}}`
	wantSuccess(t, "invalid UTF-8", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}))
	calls := d.calls()
	if len(calls) != 3 || len(calls[0].Repairs) != 0 || len(calls[2].Repairs) != 0 {
		t.Fatalf("stored %+v", calls)
	}
	c := calls[1]
	if c.ID != "id\ufffd" || len(c.Repairs) != 1 || c.Repairs[0].Code != "invalid_utf8" {
		t.Errorf("id %q repairs %v", c.ID, c.Repairs)
	}
	sameJSON(t, "mended", string(c.JSON), `{"type":"page","userId":"u\ufffd","messageId":"id\ufffd","context":{"x":"y"}}`)
}

func TestTextIsStoredAsItCame(t *testing.T) {
	d := newDoor(t, nil)
	for _, call := range []string{
		`{"type":"page","userId":"u","properties":{"html":"<script>alert(1)</script>","nul":"\u0000","half":"\ud800"}}`,
		`{"type":"page","userId":"u","properties":{"n":1e400,"big":123456789012345678901234567890,"e":"漢📈"}}`,
		"{ \"type\" : \"page\" ,\n\t\"userId\" : \"u\" , \"properties\" : { \"a\" : 1 , \"a\" : 2 } }",
		`{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z"}`,
	} {
		wantSuccess(t, call, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(call)}))
		if got := string(d.lastCall().JSON); got != call {
			t.Errorf("stored %s, want %s", got, call)
		}
	}
	wantFailure(t, "raw NUL in a string", d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: "{\"event\":\"a\x00\"}"}), 400, "invalid_json")
	wantFailure(t, "NUL behind", d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: track + "\x00"}), 400, "invalid_json")
	wantSuccess(t, "byte order mark", d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:")}, body: "\ufeff" + track}))
}

func TestRedactionComesBeforeTheLog(t *testing.T) {
	var seen []string
	d := newDoor(t, func(c *Config) {
		c.Redact = func(workspace, source string, call *event.Raw) {
			seen = append(seen, workspace+" "+source+" "+call.Type)
			if len(call.JSON) > 0 {
				call.JSON = []byte(`{"redacted":true}`)
				call.BodyChars, call.BodyHash = 3, "hash"
			}
		}
	})
	d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(track, `{"type":"track","secret":"s"}`, `7`)})
	for i, c := range d.calls() {
		if strings.Contains(string(c.JSON), "secret") || i < 2 && (string(c.JSON) != `{"redacted":true}` || c.BodyChars != 3 || c.BodyHash != "hash") {
			t.Errorf("call %d: stored %+v", i, c)
		}
	}
	if want := "default src_web track,default src_web track,default src_web "; strings.Join(seen, ",") != want {
		t.Errorf("redacted %q, want %q", seen, want)
	}
}
