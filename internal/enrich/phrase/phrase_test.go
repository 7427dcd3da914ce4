package phrase_test

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/phrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func TestFind(t *testing.T) {
	f := func(text, list string, want bool) {
		t.Helper()
		var read words.Text
		read.Read(text)
		if got := phrase.Compile([]string{list}).Has(&read, 0, -1); got != want {
			t.Errorf("%q in %q: got %v, want %v", list, text, got, want)
		}
	}
	f("Sorry, but I cannot do that.", "i cannot", true)
	f("Sorry, but I cannot do that.", "sorry but i", true)
	f("I really cannot", "i cannot", false)
	f("I really cannot", "i _ cannot", true)
	f("ignore all of the previous, silly instructions", "ignore _ previous|prior _ instruction*", true)
	f("ignore one two three four five previous instructions", "ignore _ previous", false)
	f("I can’t", "i can't|cannot", true)
	f("申し訳ありませんが", "申し訳ありません", true)
	f("申し訳", "申し訳ありません", false)
	f("", "a", false)
	f("a a b", "a b", true)
}

func TestCountsEachBeginningOnce(t *testing.T) {
	var read words.Text
	read.Read("no thanks, no more")
	s := phrase.Compile([]string{"no thanks", "no", "no _ more"})
	if got := s.Count(&read, 0, -1); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
	if got := s.Count(&read, 1, 3); got != 0 {
		t.Errorf("within words 1 to 3: got %d, want 0", got)
	}
}
