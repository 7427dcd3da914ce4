package segment

import (
	"encoding/base64"
	"image/gif"
	"net/url"
	"strings"
	"testing"
)

func TestPixelTakesACallFromTheQuery(t *testing.T) {
	d := newDoor(t, nil)
	const agent = "Mail/1.0"
	f := func(path, wantType, wantJSON string) {
		t.Helper()
		r := d.do(ask{method: "GET", path: path, headers: []string{"User-Agent: " + agent}})
		wantImage(t, path, r)
		c := d.lastCall()
		if c.Reject != nil || c.Type != wantType || c.IP != "127.0.0.1" || c.UserAgent != agent || c.ID == "" {
			t.Errorf("%s: stored %+v", path, c)
		}
		sameJSON(t, path, string(c.JSON), wantJSON)
	}
	call := `{"writeKey":"wk_web","userId":"u?>é","event":"Mail Opened","properties":{"subject":"ÿÿ>>??"}}`
	want := `{"userId":"u?>é","event":"Mail Opened","properties":{"subject":"ÿÿ>>??"}}`
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		data := enc.EncodeToString([]byte(call))
		f("/v1/pixel/track?data="+url.QueryEscape(data), "track", want)
		f("/v1/pixel/track?data="+data, "track", want) // pluses become spaces on the way
	}
	f("/v1/pixel/page?writeKey=wk_web&anonymousId=a&name=Home", "page", `{"anonymousId":"a","name":"Home"}`)
	f("/v1/pixel/track?writeKey=wk_web&userId=u&event=Mail+Opened&properties.subject=Hi&properties.a.b=1&context.campaign.name=c", "track",
		`{"userId":"u","event":"Mail Opened","properties":{"subject":"Hi","a":{"b":"1"}},"context":{"campaign":{"name":"c"}}}`)
	f("/v1/pixel/identify?writeKey=wk_web&userId=u&traits.plan=pro", "identify", `{"userId":"u","traits":{"plan":"pro"}}`)
	f("/v1/pixel/screen?writeKey=wk_web&userId=u", "screen", `{"userId":"u"}`)
	f("/v1/pixel/group?writeKey=wk_web&groupId=g", "group", `{"groupId":"g"}`)
	f("/v1/pixel/alias?writeKey=wk_web&previousId=p&userId=u", "alias", `{"previousId":"p","userId":"u"}`)
	f("/v1/pixel/page?writeKey=wk_web&userId=u&a=1&a.b=2", "page", `{"userId":"u","a":"1","a.b":"2"}`)
	f("/pixel/v1/track?writeKey=wk_web&userId=u&event=E", "track", `{"userId":"u","event":"E"}`)
	f("/pixel/v1/page?writeKey=wk_web&anonymousId=a", "page", `{"anonymousId":"a"}`)
}

func wantImage(t *testing.T, what string, r reply) {
	t.Helper()
	if r.status != 200 || r.header.Get("Content-Type") != "image/gif" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: got %d %v", what, r.status, r.header)
	}
	img, err := gif.Decode(strings.NewReader(r.body))
	if err != nil || img.Bounds().Dx() != 1 || img.Bounds().Dy() != 1 {
		t.Errorf("%s: the body is no image of one pixel: %v", what, err)
	}
}

func TestPixelIsAnImageWhateverHappens(t *testing.T) {
	d := newDoor(t, nil)
	for _, path := range []string{
		"/v1/pixel/track", "/v1/pixel/track?data=%%%", "/v1/pixel/track?data=!!!!", "/v1/pixel/track?data=e30&writeKey=nope", "/v1/pixel/nonsense?writeKey=wk_web",
		"/v1/pixel", "/v1/pixel/", "/v1/pixel/track?writeKey=wk_web&event=E", "/v1/pixel/track?writeKey=wk_off&event=E&userId=u",
		"/v1/pixel/track?writeKey=wk_web&data=" + base64.URLEncoding.EncodeToString([]byte(`{"a":`)),
	} {
		wantImage(t, path, d.do(ask{method: "GET", path: path}))
	}
	for _, c := range d.calls() {
		if c.Reject == nil {
			t.Errorf("stored as accepted: %+v", c)
		}
	}
	d.medium.Fill(true)
	wantImage(t, "full", d.do(ask{method: "GET", path: "/v1/pixel/page?writeKey=wk_web&userId=u"}))
}

// RudderStack's merge has no meaning here: it succeeds, as its SDK does not know better, and is shown.
func TestMergeIsAnsweredAndShown(t *testing.T) {
	d := newDoor(t, nil)
	p := parsePartial(t, d.do(ask{path: "/v1/merge", headers: []string{basic("wk_web:")}, body: `{"type":"merge","mergeProperties":[{"type":"email","value":"a@b.c"}]}`}))
	if p.Accepted != 0 || len(p.Rejected) != 1 || p.Rejected[0].Code != "unknown_type" {
		t.Errorf("got %+v", p)
	}
	if c := d.lastCall(); c.Reject == nil {
		t.Errorf("stored %+v", c)
	}
}
