package sentiment_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/language"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/sentiment"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func say(text string) (string, float64) {
	var t words.Text
	var in linear.Input
	t.Read(text)
	lang, sure := language.New().Detect(text)
	if sure < 0.5 {
		lang = ""
	}
	return sentiment.New().Score(&t, lang, &in)
}

func TestTones(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, score := say(text); got != want {
			t.Errorf("%q: got %s (%.2f), want %s", text, got, score, want)
		}
	}
	f("This is terrible, I hate it.", sentiment.Negative)
	f("It still does not work and nobody answers.", sentiment.Negative)
	f("I waited two hours and then they cancelled it.", sentiment.Negative)
	f("I love it, thank you!", sentiment.Positive)
	f("Great job, this is exactly what I needed 😀", sentiment.Positive)
	f("Where is the nearest station?", sentiment.Neutral)
	f("Please rename the variable in line 12.", sentiment.Neutral)
	f("How do I export a report as CSV?", sentiment.Neutral)
	f("yes", sentiment.Neutral)
	f("42", sentiment.Neutral)
	f("Wo finde ich die Einstellungen?", sentiment.Neutral)
	f("Vielen Dank, super!", sentiment.Positive)
	f("谢谢，太好了！", sentiment.Positive)
}

func TestNegationTurnsWords(t *testing.T) {
	_, good := say("the answer was good")
	_, notGood := say("the answer was not good")
	if notGood >= good {
		t.Errorf("good %.2f, not good %.2f", good, notGood)
	}
}

func TestExplainNamesTheWords(t *testing.T) {
	var text words.Text
	text.Read("the room was horrible")
	for _, r := range sentiment.New().Explain(&text, "en", 6) {
		if r.What == "horrible" && r.Weight < 0 || r.What == "unpleasant words" && r.Weight < 0 {
			return
		}
	}
	t.Errorf("got %+v", sentiment.New().Explain(&text, "en", 6))
}

func TestLexiconKeepsWhatItWasBuiltOf(t *testing.T) {
	l := sentiment.Build([]sentiment.Entry{{Hash: 7, Valence: 2}, {Hash: 7 + 16, Valence: -3, Derived: true}, {Hash: 7, Valence: -4}, {Hash: 9, Valence: 0}})
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := sentiment.ReadLexicon(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, lex := range []*sentiment.Lexicon{l, again} {
		if v, derived := lex.Valence(7); v < 1.9 || v > 2.1 || derived {
			t.Errorf("7: got %v %v, want 2", v, derived)
		}
		if v, derived := lex.Valence(23); v > -2.9 || !derived {
			t.Errorf("23: got %v %v, want -3, derived", v, derived)
		}
		if v, _ := lex.Valence(9); v != 0 {
			t.Errorf("9: got %v, want 0", v)
		}
	}
	if _, err := sentiment.ReadLexicon([]byte{1, 2}); err == nil {
		t.Error("two bytes: no error")
	}
}

func FuzzScore(f *testing.F) {
	f.Add("not good but great!!!")
	f.Add(strings.Repeat("not ", 3000))
	f.Add("\xff😀\xfe")
	a := sentiment.New()
	f.Fuzz(func(t *testing.T, s string) {
		var text words.Text
		var in linear.Input
		text.Read(s)
		if label, score := a.Score(&text, "en", &in); label == "" || !(score >= -1 && score <= 1) {
			t.Errorf("%q: %s %v", s, label, score)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	a := sentiment.New()
	f := func(name, s string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var text words.Text
			var in linear.Input
			text.Read(s)
			text.Grams() // shared by all analysers
			for b.Loop() {
				a.Score(&text, "en", &in)
			}
		})
	}
	f("message", "I ordered the blue one last week but the parcel that came had a red one in it, can you help?")
	f("long", strings.Repeat("I ordered the blue one last week but the parcel that came had a red one in it. ", 20))
}
