package course

import (
	"slices"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func text(s string) *words.Text {
	var t words.Text
	t.Read(s)
	return &t
}

func TestCuesAreFoundAsWordsAndPhrases(t *testing.T) {
	f := func(l List, s string, want int) {
		t.Helper()
		if got := l.Count(text(s)); got != want {
			t.Errorf("list %d in %q: %d, want %d", l, s, got, want)
		}
	}
	f(Thanks, "Thank you so much, THANKS!", 2)
	f(Thanks, "thankless", 0)
	f(Farewell, "Ok, have a nice day. Bye", 2)
	f(Farewell, "have a seat", 0)
	f(Negation, "I don't know, and I’m not sure", 2)
	f(Thanks, "谢谢你", 1)
	f(Objection, "", 0)
}

func TestStartsLooksAtTheFirstWord(t *testing.T) {
	f := func(s string, want bool) {
		t.Helper()
		if got := No.Starts(text(s)); got != want {
			t.Errorf("%q begins with no: %v", s, got)
		}
	}
	f("No, thanks", true)
	f("... nope", true)
	f("I said no", false)
	f("?!", false)
	f("", false)
}

// measured gives a measure by its name.
func measured(t *testing.T, names []string, values []float32, name string) float32 {
	t.Helper()
	i := slices.Index(names, name)
	if i < 0 || len(names) != len(values) {
		t.Fatalf("%d names, %d values, %q at %d", len(names), len(values), name, i)
	}
	return values[i]
}

func TestMeasuresOfAnswers(t *testing.T) {
	var talk words.Talk
	talk.Add(words.User, "Which trains go to Leeds?")
	talk.Add(words.Agent, "When do you want to leave?")
	talk.Add(words.User, "Which trains go to LEEDS!!")
	talk.Add(words.Agent, "When do you want to leave?")
	talk.Add(words.User, "what? you already asked")
	f := func(i int, name string, want float32) {
		t.Helper()
		if got := measured(t, AnswerNames(), Answer(&talk, i, nil), name); got != want {
			t.Errorf("turn %d, %s: %v, want %v", i, name, got, want)
		}
	}
	f(1, "first answer", 1)
	f(1, "repeats an answer before", 0)
	f(1, "reply repeats the question", 1)
	f(1, "reply shouts", 1)
	f(3, "repeats an answer before", 1)
	f(3, "asks back", 1)
	f(3, "reply doubts", 1)
	f(3, "no reply", 0)
}

func TestMeasuresOfMessages(t *testing.T) {
	var talk words.Talk
	talk.Add(words.User, "A table for 4, please")
	talk.Add(words.Agent, "Sorry, I could not find one.")
	talk.Add(words.User, "No! A table for 4, please")
	f := func(i int, name string, want float32) {
		t.Helper()
		if got := measured(t, UserNames(), User(&talk, i, nil), name); got != want {
			t.Errorf("turn %d, %s: %v, want %v", i, name, got, want)
		}
	}
	f(0, "first message", 1)
	f(0, "no answer before", 1)
	f(2, "first message", 0)
	f(2, "last message", 1)
	f(2, "begins with no", 1)
	f(2, "answer before said sorry", 1)
	f(2, "answer before does not know", 1)
	f(2, "has a number", 1)
	if got := measured(t, UserNames(), User(&talk, 2, nil), "same words as an earlier message"); got < 0.9 {
		t.Errorf("same words: %v, want nearly 1", got)
	}
}
