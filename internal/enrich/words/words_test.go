package words

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextSplitsAnyScript(t *testing.T) {
	f := func(s string, want ...string) {
		t.Helper()
		var text Text
		text.Read(s)
		var got []string
		for i := range text.Tokens {
			got = append(got, string(text.At(i)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
	f("")
	f("Don't STOP, please!!", "don't", "stop", ",", "please", "!!")
	f("It’s 1,250.75 at 11:30.", "it's", "1,250.75", "at", "11:30", ".")
	f("'quoted' words'", "'", "quoted", "'", "words", "'")
	f("naïve ÉCOLE Straße", "naïve", "école", "straße")
	f("我要订餐", "我", "要", "订", "餐")
	f("東京へ3人", "東", "京", "へ", "3", "人")
	f("привет, как дела？", "привет", ",", "как", "дела", "?")
	f("नमस्ते दुनिया", "नमस्ते", "दुनिया")
	f("yes👍🏽 4G", "yes", "👍", "🏽", "4g")
	f("\xff\xfe bad", "�", "�", "bad")
}

func TestTextCountsLettersAndUpperCase(t *testing.T) {
	var text Text
	text.Read("NO way, ÉH 42")
	if text.Letters != 7 || text.Upper != 4 {
		t.Errorf("letters %d, upper %d; want 7, 4", text.Letters, text.Upper)
	}
}

func TestTextReadsABoundedPartOfLongMessages(t *testing.T) {
	for _, unit := range []string{"word ", "é", "日", "👍"} {
		var text Text
		text.Read(strings.Repeat(unit, 1_000_000) + " finally")
		if !text.Clipped || len(text.Lower) > MaxBytes+8 {
			t.Errorf("%q: clipped %v, %d bytes read; at most %d are to be", unit, text.Clipped, len(text.Lower), MaxBytes)
		}
		if n := len(text.Tokens); string(text.At(n-1)) != "finally" {
			t.Errorf("%q: last word is %q, want the message's", unit, text.At(n-1))
		}
		if !utf8.Valid(text.Lower) {
			t.Errorf("%q: a character was cut in two", unit)
		}
		if g := len(text.Grams().Hash); g > 6*MaxBytes {
			t.Errorf("%q: %d n-grams", unit, g)
		}
	}
}

func TestReadAgainForgetsWhatWasReadBefore(t *testing.T) {
	var again, once Text
	again.Read("something LONG that was there before, 17 times")
	again.Grams()
	again.Read("two words")
	once.Read("two words")
	if !slices.Equal(again.Tokens, once.Tokens) || !slices.Equal(again.Grams().Hash, once.Grams().Hash) || again.Upper != 0 {
		t.Errorf("read again: %v, want %v", again.Tokens, once.Tokens)
	}
}

func TestGramsSayWhereTheyAre(t *testing.T) {
	var text Text
	text.Read("Ça va bien, 日本")
	g := text.Grams()
	if len(g.Hash) != len(g.From) || len(g.Hash) != len(g.To) || g.Pairs != len(text.Tokens) || g.Chars != 2*len(text.Tokens)+1 {
		t.Fatalf("%d grams, %d from, %d to, pairs at %d, chars at %d, %d tokens", len(g.Hash), len(g.From), len(g.To), g.Pairs, g.Chars, len(text.Tokens))
	}
	seen := map[string]bool{}
	for i := g.Chars; i < len(g.Hash); i++ {
		part := string(text.Lower[g.From[i]:g.To[i]])
		if !utf8.ValidString(part) {
			t.Errorf("gram %d is %q: half a character", i, part)
		}
		seen[part] = true
	}
	for _, want := range []string{"ça", "bie", "ien", "bien", "va"} {
		if !seen[want] {
			t.Errorf("no run %q among %v", want, seen)
		}
	}
}

func TestGramsTellBoundsFromWithin(t *testing.T) {
	hashes := func(s string) []uint32 {
		var text Text
		text.Read(s)
		g := text.Grams()
		return g.Hash[g.Chars:]
	}
	inner := hashes("xcaty")
	for _, h := range hashes("cat") {
		if h != finish(Hash("cat")) && slices.Contains(inner, h) {
			t.Errorf("a run with the bound of the word cat is also in xcaty")
		}
	}
	if !slices.Contains(inner, finish(Hash("cat"))) {
		t.Error("xcaty does not have the run cat")
	}
}

func TestOverlapCountsSharedWords(t *testing.T) {
	f := func(a, b string, low, high float64) {
		t.Helper()
		var x, y Text
		x.Read(a)
		y.Read(b)
		if got := Overlap(&x, &y); got < low || got > high {
			t.Errorf("%q in %q: %.2f, want %.2f to %.2f", a, b, got, low, high)
		}
	}
	f("Where is my card?", "WHERE IS MY CARD", 1, 1)
	f("Where is my card?", "transfer pending", 0, 0)
	f("", "anything", 0, 0)
	f("is my card lost", "the card was lost in the mail", 0.7, 0.95)
	f("我要订餐", "订餐", 0.5, 0.5)
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "Hello?!", "\xf0\x9f", "it's", "१२३ नमस्ते", strings.Repeat("a\u0301", 3000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var text Text
		text.Read(s)
		end := int32(0)
		for _, k := range text.Tokens {
			if k.Start < end || k.End <= k.Start || int(k.End) > len(text.Lower) {
				t.Fatalf("%q: token %v after byte %d of %d", s, k, end, len(text.Lower))
			}
			end = k.End
		}
		if text.Upper > text.Letters {
			t.Fatalf("%q: %d of %d letters are upper case", s, text.Upper, text.Letters)
		}
		g := text.Grams()
		for i := range g.Hash {
			if g.From[i] < 0 || g.From[i] > g.To[i] || int(g.To[i]) > len(text.Lower) {
				t.Fatalf("%q: gram %d from %d to %d of %d", s, i, g.From[i], g.To[i], len(text.Lower))
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	const s = "I'm sorry, but I could not find a Chinese restaurant in the north of town. Would you like to try another area?"
	var text Text
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		text.Read(s)
		text.Grams()
	}
}

// N-grams that occur n times count 1 + ln n altogether, and the squares of a kind sum up to one.
func TestDampCountsRepeatedNGramsLess(t *testing.T) {
	var text Text
	text.Read("go go go home")
	g := text.Grams()
	each, ofWords, ofChars := g.Damp()
	sum := map[uint32]float64{}
	for i, h := range g.Hash {
		sum[h] += float64(each[i])
	}
	if got, want := sum[text.Tokens[0].Hash], 1+math.Log(3); math.Abs(got-want) > 1e-5 {
		t.Errorf("go, three times: counts %v, want %v", got, want)
	}
	if got := sum[text.Tokens[3].Hash]; got != 1 {
		t.Errorf("home, once: counts %v, want 1", got)
	}
	var squares [2]float64
	for i, h := range g.Hash {
		kind := 0
		if i >= g.Chars {
			kind = 1
		}
		squares[kind] += sum[h] * sum[h]
		sum[h] = 0 // each once
	}
	for kind, norm := range []float32{ofWords, ofChars} {
		if got := squares[kind] * float64(norm) * float64(norm); math.Abs(got-1) > 1e-5 {
			t.Errorf("kind %d: squares sum up to %v, want 1", kind, got)
		}
	}
	text.Read("") // memory is used again
	if each, ofWords, ofChars = text.Grams().Damp(); len(each) != 0 || ofWords != 0 || ofChars != 0 {
		t.Errorf("empty: %v %v %v", each, ofWords, ofChars)
	}
}

func TestSaidJoinsMessagesOfARole(t *testing.T) {
	var talk Talk
	talk.Add(User, "Hello")
	talk.Add(Agent, "Hi")
	talk.Add(User, "there")
	if got := string(talk.Said(User).Lower); got != "hello\nthere\n" {
		t.Errorf("got %q", got)
	}
	talk.Reset()
	if got := talk.Said(User); !got.Empty() {
		t.Errorf("after Reset: %q", got.Lower)
	}
}
