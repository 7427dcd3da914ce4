package api

import (
	"net/http"
	"strings"
	"testing"
)

func TestSourcesAreMadeChangedAndRotated(t *testing.T) {
	a := start(t)
	send := func(method, target, body string, status int) map[string]any {
		t.Helper()
		res, answer := a.send(t, method, "/api/v1/"+target, body)
		if res.StatusCode != status {
			t.Fatalf("%s %s: got %s %s, want %d", method, target, res.Status, answer, status)
		}
		return decoded(t, answer)
	}
	id := part(t, send(http.MethodPost, "sources", `{"name":"Web"}`, 201), "id").(string)
	a.refused(t, http.MethodPost, "/api/v1/sources", `{"name":"Web"}`, 409, "conflict")
	if got := send(http.MethodPatch, "sources/"+id, `{"enabled":false,"rating_scale":"1-5"}`, 200); part(t, got, "enabled") != false || part(t, got, "rating_scale") != "1-5" || part(t, got, "name") != "Web" {
		t.Errorf("changed: %s", text(t, got))
	}
	if got := send(http.MethodPost, "sources/"+id+"/keys", "", 201); len(part(t, got, "write_keys").([]any)) != 2 {
		t.Errorf("rotated: %s", text(t, got))
	}
	if got := send(http.MethodPost, "sources/"+id+"/keys", `{"revoke":true}`, 201); len(part(t, got, "write_keys").([]any)) != 1 {
		t.Errorf("rotated and revoked: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/sources"); len(part(t, got, "sources").([]any)) != 1 {
		t.Errorf("listed: %s", text(t, got))
	}
	a.refused(t, http.MethodPatch, "/api/v1/sources/none", `{"enabled":true}`, 404, "not_found")
	f := func(method, target, body string) {
		t.Helper()
		a.refused(t, method, "/api/v1/"+target, body, 400, "invalid_body")
	}
	f(http.MethodPost, "sources", `{"name":" "}`)
	f(http.MethodPost, "sources", `{"nam":"x"}`)
	f(http.MethodPost, "sources", `{"name":"x"} {}`)
	f(http.MethodPost, "sources", ``)
	f(http.MethodPatch, "sources/"+id, `{}`)
	f(http.MethodPut, "conversions/x", `{"where":["colour:eq:red"]}`)
	f(http.MethodPut, "conversions/x", `{"where":["channel"]}`)
	f(http.MethodPut, "conversions/x", `{"name":"y"}`)
	f(http.MethodPut, "conversions/x", `{"events":[""]}`)
	f(http.MethodPost, "tokens", `{"name":"x","role":"god"}`)
	f(http.MethodPost, "test-conversation", `{}`)
	a.refused(t, http.MethodPost, "/api/v1/sources", `{"name":"`+strings.Repeat("x", maxBody)+`"}`, http.StatusRequestEntityTooLarge, "too_large")
}

func TestBodiesOfFormsAreRefused(t *testing.T) {
	a := start(t)
	req := a.request(t, http.MethodPost, "/api/v1/sources", `{"name":"x"}`)
	req.Header.Set("Content-Type", "text/plain")
	if res, body := a.do(t, req); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a body that a form can send: got %s %s", res.Status, body)
	}
}

func TestQualityCountsWhatWasOdd(t *testing.T) {
	a := start(t)
	a.mem.sources = []Source{{ID: "src_web", Name: "Web"}, {ID: "src_app", Name: "App"}}
	a.mem.tallies = map[string]Tally{"src_app": {Rejections: map[string]int64{"b": 1, "a": 1, "c": 5}, Duplicates: 3, Conflicts: 1}}
	f := func(id, want string) {
		t.Helper()
		if got := text(t, a.get(t, "/api/v1/sources/"+id+"/quality")); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	f("src_web", `{"conflicts":0,"duplicates":0,"events":9,"last_event_at":"2026-05-05T12:00:01Z","rejections":[],"repairs":[{"code":"name_case","count":1}],"source":"src_web","violations":[]}`)
	f("src_app", `{"conflicts":1,"duplicates":3,"events":2,"last_event_at":"2026-04-27T13:00:01Z","rejections":[{"code":"c","count":5},{"code":"a","count":1},{"code":"b","count":1}],"repairs":[],"source":"src_app","violations":[{"code":"missing_conversation_id","count":1}]}`)
	a.refused(t, http.MethodGet, "/api/v1/sources/none/quality", "", 404, "not_found")
}

func TestRejectionsAreListedNewestFirst(t *testing.T) {
	a := start(t)
	a.mem.rejections = []Rejection{
		{ID: "1", Source: "src_web", ReceivedAt: noon, Code: "x", Message: "m"},
		{ID: "2", Source: "src_app", ReceivedAt: noon, Code: "x", Message: "m", Call: "\x00<script>"},
	}
	if got := a.get(t, "/api/v1/rejections?limit=1"); part(t, got, "rejections", 0, "id") != "2" {
		t.Errorf("got %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/rejections?source=src_web"); len(part(t, got, "rejections").([]any)) != 1 {
		t.Errorf("got %s", text(t, got))
	}
}

func TestTokensShowTheirSecretOnce(t *testing.T) {
	a := start(t)
	res, body := a.send(t, http.MethodPost, "/api/v1/tokens", `{"name":"CI"}`)
	made := decoded(t, body)
	if res.StatusCode != 201 || part(t, made, "secret") == nil || part(t, made, "role") != "viewer" {
		t.Errorf("made: %s %s", res.Status, body)
	}
	if got := a.get(t, "/api/v1/tokens"); part(t, got, "tokens", 0, "secret") != nil {
		t.Errorf("listed with its secret: %s", text(t, got))
	}
	if res, _ := a.send(t, http.MethodDelete, "/api/v1/tokens/"+part(t, made, "id").(string), ""); res.StatusCode != 204 {
		t.Errorf("deleted: %s", res.Status)
	}
	a.refused(t, http.MethodDelete, "/api/v1/tokens/tok_1", "", 404, "not_found")
}

func TestConversionDefinitionsAreKept(t *testing.T) {
	a := start(t)
	target := "/api/v1/conversions/stock%2Fitem"
	res, body := a.send(t, http.MethodPut, target, `{"events":["Item Purchased"]}`)
	if res.StatusCode != 200 || string(body) != `{"name":"stock/item","events":["Item Purchased"],"where":[]}`+"\n" {
		t.Errorf("put: %s %s", res.Status, body)
	}
	a.get(t, target)
	if got := a.get(t, "/api/v1/conversions"); len(part(t, got, "conversions").([]any)) != 1 {
		t.Errorf("listed: %s", text(t, got))
	}
	if res, _ := a.send(t, http.MethodDelete, target, ""); res.StatusCode != 204 {
		t.Errorf("deleted: %s", res.Status)
	}
	a.refused(t, http.MethodGet, target, "", 404, "not_found")
	a.refused(t, http.MethodDelete, target, "", 404, "not_found")
}

func TestStatusMeAndTestConversation(t *testing.T) {
	a := start(t)
	if got := a.get(t, "/api/v1/status"); part(t, got, "store", "conversations") != 3.0 {
		t.Errorf("status: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/me"); part(t, got, "workspace", "zone") != "UTC" {
		t.Errorf("me: %s", text(t, got))
	}
	a.mem.sources = []Source{{ID: "src_web"}}
	if res, body := a.send(t, http.MethodPost, "/api/v1/test-conversation", `{"source":"src_web"}`); res.StatusCode != 202 {
		t.Errorf("test conversation: %s %s", res.Status, body)
	}
	a.refused(t, http.MethodPost, "/api/v1/test-conversation", `{"source":"none"}`, 404, "not_found")
}
