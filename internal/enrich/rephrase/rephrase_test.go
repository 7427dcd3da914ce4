package rephrase

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func score(a *Analyser, x, y string) float64 {
	var s, t words.Text
	var in linear.Input
	s.Read(x)
	t.Read(y)
	return a.Score(&s, &t, &in)
}

func TestTheSameInOtherWordsScoresHigherThanOtherThings(t *testing.T) {
	a := New()
	f := func(first, same, other string) {
		t.Helper()
		if x, y := score(a, first, same), score(a, first, other); x <= y {
			t.Errorf("%q: %q scores %.2f, %q %.2f; want the first higher", first, same, x, other, y)
		}
	}
	f("how do I freeze my card", "please block my credit card", "how do I freeze my account details")
	f("where is my parcel", "track the package I ordered", "where is my nearest shop")
	f("cancel my reservation", "I want to call off the booking", "confirm my reservation")
	f("what is the weather in Paris", "will it rain in Paris", "what is the time in Paris")
}

func TestSameWordsAreTheSame(t *testing.T) {
	a := New()
	f := func(x, y string, want float64) {
		t.Helper()
		if got := score(a, x, y); got != want {
			t.Errorf("%q and %q: got %.2f, want %.2f", x, y, got, want)
		}
	}
	f("Where is my card?", "where is my card!!", 1)
	f("我的卡在哪里", "我的卡在哪里？", 1)
	f("", "where is my card", 0)
	f("?!", "?!", 0)
}

func TestScoreDoesNotDependOnWhichIsFirst(t *testing.T) {
	a := New()
	x, y := "how can I change my pin code", "I would like another PIN for the card"
	if p, q := score(a, x, y), score(a, y, x); p-q > 1e-6 || q-p > 1e-6 {
		t.Errorf("got %.6f and %.6f", p, q)
	}
}

func BenchmarkScore(b *testing.B) {
	a := New()
	var s, t words.Text
	var in linear.Input
	s.Read("how long does it take until my new card is delivered to me")
	t.Read("I have been waiting for the card for two weeks, when will it be here?")
	b.ReportAllocs()
	for b.Loop() {
		a.Score(&s, &t, &in)
	}
}
