package vocab

import (
	"slices"
	"strconv"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

func TestParseScale(t *testing.T) {
	f := func(s string, want Scale, ok bool) {
		t.Helper()
		if got, gotOK := ParseScale(s); gotOK != ok || ok && got != want {
			t.Errorf("scale %q is %v, %t; want %v, %t", s, got, gotOK, want, ok)
		}
	}
	f("1-5", Scale{1, 5}, true)
	f(" 0 - 10 ", Scale{0, 10}, true)
	f("1/7", Scale{1, 7}, true)
	f("-1-1", Scale{-1, 1}, true)
	f("-5--1", Scale{-5, -1}, true)
	f("0-0.5", Scale{0, 0.5}, true)
	f("5", Scale{1, 5}, true)
	f("10", Scale{1, 10}, true)
	for _, s := range []string{"thumb", "thumbs", "boolean", "binary", "Thumbs"} {
		f(s, Scale{0, 1}, true)
	}
	f("NPS", Scale{0, 10}, true)
	f("csat", Scale{1, 5}, true)
	f("ces", Scale{1, 7}, true)
	for _, s := range []string{"", " ", "stars", "1", "0", "-3", "5-1", "3-3", "1-", "-", "1-5-9", "a-b", "1e400", "NaN-5"} {
		f(s, Scale{}, false)
	}
}

// rated maps a track call with these properties by TakeRating alone.
type rater struct{}

func (rater) Name() string       { return "rater" }
func (rater) Claims(*Call) bool  { return true }
func (rater) Codes() []Code      { return nil }
func (rater) Events() []EventDoc { return nil }
func (rater) Map(c *Call)        { c.TakeRating("rating") }
func rate(t *testing.T, properties, scale string) event.Event {
	t.Helper()
	var e event.Event
	raw := event.Raw{ID: "an-id-that-is-long-enough", Type: "track", JSON: []byte(`{"event":"Rated","properties":` + properties + `}`)}
	in := Input{Request: &event.Request{ReceivedAt: at("2026-11-21T10:00:00Z")}, Raw: &raw, Source: Source{RatingScale: scale}}
	if err := NewMapper(nil, rater{}).Map(in, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRating(t *testing.T) {
	f := func(properties, source, score string, inferred bool, violations ...string) {
		t.Helper()
		e := rate(t, properties, source)
		got := "none"
		if e.Score != nil {
			got = strconv.FormatFloat(*e.Score, 'g', 4, 64)
		}
		if got != score || e.Inferred != inferred || !slices.Equal(e.Violations, violations) {
			t.Errorf("%s, source scale %q: score %s, inferred %t, violations %v; want %s, %t, %v",
				properties, source, got, e.Inferred, e.Violations, score, inferred, violations)
		}
	}
	// The scale that was sent, in each spelling of its key.
	f(`{"rating":4,"rating_scale":"1-5"}`, "", "0.75", false)
	f(`{"rating":"4","ratingScale":"5"}`, "", "0.75", false)
	f(`{"rating":1,"scale":"1-5"}`, "", "0", false)
	f(`{"rating":7,"rating_scale":"nps"}`, "", "0.7", false)
	f(`{"rating":3,"rating_scale":5}`, "", "0.5", false)
	f(`{"rating":4.5,"rating_scale":"0-9"}`, "", "0.5", false)
	// Thumbs in every spelling.
	f(`{"rating":1,"scale":"thumb"}`, "", "1", false)
	f(`{"rating":0,"scale":"thumb"}`, "", "0", false)
	f(`{"rating":-1,"scale":"thumbs"}`, "", "0", false)
	f(`{"rating":true,"scale":"boolean"}`, "", "1", false)
	f(`{"rating":"thumbs_down","scale":"binary"}`, "", "0", false)
	// The source's scale, which a sent one beats.
	f(`{"rating":1}`, "thumbs", "1", false)
	f(`{"rating":9}`, "0-10", "0.9", false)
	f(`{"rating":2,"scale":"1-5"}`, "0-10", "0.25", false)
	f(`{"rating":5,"scale":"stars"}`, "0-10", "0.5", false, "unknown_rating_scale")
	// Inferred from the value alone.
	f(`{"rating":true}`, "", "1", true)
	f(`{"rating":false}`, "", "0", true)
	f(`{"rating":"thumbsUp"}`, "", "1", true)
	f(`{"rating":"thumbsDown"}`, "", "0", true)
	f(`{"rating":"positive"}`, "", "1", true)
	f(`{"rating":"Negative"}`, "", "0", true)
	f(`{"rating":-1}`, "", "0", true)
	f(`{"rating":"+1"}`, "", "1", true)
	f(`{"rating":1}`, "", "0", true)
	f(`{"rating":2}`, "", "0.25", true)
	f(`{"rating":5}`, "", "1", true)
	f(`{"rating":"5"}`, "", "1", true)
	f(`{"rating":0}`, "", "none", false, "missing_rating_scale")
	f(`{"rating":6}`, "", "none", false, "missing_rating_scale")
	f(`{"rating":4.5}`, "", "none", false, "missing_rating_scale")
	f(`{"rating":"great"}`, "", "none", false, "missing_rating_scale")
	// Not on the scale.
	f(`{"rating":6,"scale":"1-5"}`, "", "none", false, "rating_out_of_range")
	f(`{"rating":0,"scale":"1-5"}`, "", "none", false, "rating_out_of_range")
	f(`{"rating":"great","scale":"1-5"}`, "", "none", false, "invalid_rating")
	f(`{"rating":true,"scale":"1-5"}`, "", "none", false, "invalid_rating")
	f(`{"rating":"NaN","scale":"1-5"}`, "", "none", false, "invalid_rating")
	f(`{"rating":[5],"scale":"1-5"}`, "", "none", false, "invalid_rating")
	f(`{"rating":null}`, "", "none", false, "missing_rating")
	f(`{"scale":"1-5"}`, "", "none", false, "missing_rating")
}
