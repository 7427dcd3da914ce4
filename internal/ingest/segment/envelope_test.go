package segment

import (
	"strings"
	"testing"
	"time"
)

func TestBatchContextIsMergedUnderTheCalls(t *testing.T) {
	d := newDoor(t, nil)
	f := func(batch, call, want string) {
		t.Helper()
		// The SDKs that share a context put it behind the calls.
		for _, body := range []string{`{"batch":[` + call + `],` + batch + `}`, `{` + batch + `,"batch":[` + call + `]}`} {
			wantSuccess(t, body, d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}))
			sameJSON(t, body, string(d.lastCall().JSON), want)
		}
	}
	const id = `"type":"page","userId":"u"`
	f(`"context":{"a":1}`, `{`+id+`}`, `{`+id+`,"context":{"a":1}}`)
	f(`"context":{"a":1}`, `{`+id+`,"context":null}`, `{`+id+`,"context":{"a":1}}`)
	f(`"context":{"a":1}`, `{`+id+`,"context":{}}`, `{`+id+`,"context":{"a":1}}`)
	f(`"context":{"a":1,"b":2}`, `{`+id+`,"context":{"b":3}}`, `{`+id+`,"context":{"a":1,"b":3}}`)
	f(`"context":{"app":{"name":"n","version":"1"}}`, `{`+id+`,"context":{"app":{"version":"2"}}}`, `{`+id+`,"context":{"app":{"name":"n","version":"2"}}}`)
	f(`"context":{"app":{"name":"n"}}`, `{`+id+`,"context":{"app":null}}`, `{`+id+`,"context":{"app":null}}`)
	f(`"context":{"list":[1,2]}`, `{`+id+`,"context":{"list":[3]}}`, `{`+id+`,"context":{"list":[3]}}`)
	f(`"context":{"a":{"b":{"c":1}}}`, `{`+id+`,"context":{"a":{"b":{"d":2}}}}`, `{`+id+`,"context":{"a":{"b":{"c":1,"d":2}}}}`)
	f(`"context":{"\u0061":1}`, `{`+id+`,"context":{"a":2}}`, `{`+id+`,"context":{"a":2}}`)
	f(`"context":{"a":1,"a":2,"b":1}`, `{`+id+`,"context":{"b":2,"b":3}}`, `{`+id+`,"context":{"a":2,"b":3}}`)
	f(`"context":{"a":1}`, `{`+id+`,"context":"text"}`, `{`+id+`,"context":"text"}`)
	f(`"context":"text"`, `{`+id+`}`, `{`+id+`}`)
	f(`"context":null`, `{`+id+`,"context":{"a":1}}`, `{`+id+`,"context":{"a":1}}`)
	f(`"integrations":{"All":true,"Mixpanel":true}`, `{`+id+`,"integrations":{"Mixpanel":false,"all":true}}`, `{`+id+`,"integrations":{"All":true,"Mixpanel":false,"all":true}}`)
	f(`"context":{"a":1},"integrations":{"All":false}`, `{`+id+`}`, `{`+id+`,"context":{"a":1},"integrations":{"All":false}}`)
	f(`"context":{"a":1},"writeKey":"wk_web"`, `{"writeKey":"wk_web",`+id+`,"context":{"b":2}}`, `{`+id+`,"context":{"a":1,"b":2}}`)
	// The rest of the envelope is not the calls'.
	f(`"messageId":"batch-1","timestamp":"2026-01-01T00:00:00Z","sequence":3`, `{`+id+`}`, `{`+id+`}`)
}

func TestBatchMessageIDIsNoEventID(t *testing.T) {
	d := newDoor(t, nil)
	wantSuccess(t, "Go's envelope", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")},
		body: `{"messageId":"batch-id","batch":[{"type":"page","userId":"u"}]}`}))
	if got := d.lastCall().ID; got != "made-1" {
		t.Errorf("event id is %q, want one made at the door", got)
	}
}

func TestMergeCannotBlowUpABatch(t *testing.T) {
	d := newDoor(t, nil)
	body := `{"context":{"a":"` + strings.Repeat("x", 1<<20) + `"},"batch":[` + strings.TrimSuffix(strings.Repeat(track+",", 5000), ",") + `]}`
	wantFailure(t, "1 MiB of context for 5,000 calls", d.do(ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: body}), 400, "payload_too_large")
}

func TestSentAtIsThatOfTheBatchThenOfTheCallThenOfTheHeader(t *testing.T) {
	d := newDoor(t, nil)
	want := time.Date(2026, 11, 21, 3, 4, 26, 347e6, time.UTC)
	const page = `{"type":"page","userId":"u","sentAt":"2025-01-01T00:00:00Z"}`
	f := func(path, body, header string, want time.Time) {
		t.Helper()
		a := ask{path: path, headers: []string{basic("wk_web:")}, body: body}
		if header != "" {
			a.headers = append(a.headers, "SentAt: "+header)
		}
		wantSuccess(t, body, d.do(a))
		if got := d.lastCall().SentAt; !got.Equal(want) {
			t.Errorf("%s %s header %q: got %v, want %v", path, body, header, got, want)
		}
	}
	old := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	f("/v1/batch", `{"batch":[`+page+`],"sentAt":"2026-11-21T03:04:26.347Z"}`, "", want)
	f("/v1/batch", `{"sentAt":"2026-11-21T03:04:26.347Z","batch":[`+page+`]}`, "", want)
	f("/v1/batch", `{"batch":[`+page+`]}`, "", old)
	f("/v1/batch", `{"batch":[`+page+`],"sentAt":null}`, "", old)
	f("/v1/batch", `{"batch":[`+page+`],"sentAt":"soon"}`, "", old)
	f("/v1/batch", `{"batch":[{"type":"page","userId":"u"}]}`, "", time.Time{})
	f("/v1/batch", `{"batch":[{"type":"page","userId":"u"}]}`, "2026-11-21T03:04:26.347Z", want)
	f("/v1/p", `{"userId":"u","sentAt":"2026-11-21T03:04:26.347Z"}`, "2025-01-01T00:00:00Z", want)
	f("/v1/p", `{"userId":"u"}`, "2026-11-21T03:04:26.347Z", want)
	f("/v1/p", `{"userId":"u"}`, "", time.Time{})
}

func TestTimesInTheFormsThatClientsSend(t *testing.T) {
	f := func(s string, want time.Time) {
		t.Helper()
		if got := parseTime(s); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
	at := func(nsec int) time.Time { return time.Date(2026, 11, 21, 3, 9, 4, nsec, time.UTC) }
	f("2026-11-21T03:09:04Z", at(0))
	f("2026-11-21T03:09:04.359012823Z", at(359012823))  // Go
	f("2026-11-21T03:09:04.357139+00:00", at(357139e3)) // Python
	f("2026-11-21T04:09:04+0100", at(0))
	f("2026-11-21T03:09:04.357139", at(357139e3)) // no zone: UTC
	f("2026-11-21 03:09:04", at(0))
	f("  2026-11-21T03:09:04Z ", at(0))
	f("2026-11-21", time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	f("1795230544", time.Unix(1795230544, 0))
	f("1795230544.5", time.Unix(1795230544, 5e8))
	f("1795230544123", time.UnixMilli(1795230544123))
	f("99999999999", time.Unix(99999999999, 0))
	f("100000000000", time.UnixMilli(100000000000))
	f("", time.Time{})
	f("soon", time.Time{})
	f("0", time.Time{})
	f("-5", time.Time{})
	f("NaN", time.Time{})
	f("Inf", time.Time{})
	f("1e300", time.Time{})
}

func TestRetriesAreMarked(t *testing.T) {
	d := newDoor(t, nil)
	f := func(header string, want bool) {
		t.Helper()
		wantSuccess(t, header, d.do(ask{path: "/v1/t", headers: []string{basic("wk_web:"), header}, body: track}))
		if got := d.lastCall().Retried; got != want {
			t.Errorf("%s: retried is %v, want %v", header, got, want)
		}
	}
	f("X-Retry-Count: 0", false)
	f("X-Retry-Count: 1", true)
	f("X-Retry-Count: 12", true)
	f("X-Retry-Count: soon", false)
	f("X-Retry-Count: ", false)
	f("Rsa-Retry-Attempt: 2", true)
	f("X-Other: 1", false)
}
