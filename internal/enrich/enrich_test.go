package enrich

import (
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// talk makes turns of lines "u: …" and "a: …".
func talk(lines ...string) []Turn {
	turns := make([]Turn, len(lines))
	for i, l := range lines {
		who, text, _ := strings.Cut(l, ": ")
		turns[i] = Turn{Role: map[string]string{"u": event.RoleUser, "a": event.RoleAgent}[who], Text: text}
	}
	return turns
}

func TestFailedAnswers(t *testing.T) {
	a := New()
	f := func(answer string, want bool) {
		t.Helper()
		got := a.Analyse(talk("u: Is there a table for four on Sunday?", "a: "+answer)).Messages[1].Failed
		if (got >= 0.5) != want {
			t.Errorf("%q: failed %.2f, want %v", answer, got, want)
		}
	}
	f("I'm sorry, but I was not able to book that table.", true)
	f("Unfortunately there are no restaurants that match what you asked for.", true)
	f("Sorry, the booking was unsuccessful. Shall I try another time?", true)
	f("Your table is booked, the reference is X7K2.", false)
	f("How many people will be coming?", false)
	f("You're welcome, have a nice day!", false)
}

// bounded checks that all scores are numbers within their bounds.
func bounded(t *testing.T, c Conversation) {
	t.Helper()
	check := func(v reflect.Value) {
		for i := range v.NumField() {
			if v.Field(i).Kind() != reflect.Float64 {
				continue
			}
			low, x := 0.0, v.Field(i).Float()
			if v.Type().Field(i).Name == "SentimentScore" {
				low = -1
			}
			if math.IsNaN(x) || x < low || x > 1 {
				t.Errorf("%s is %v", v.Type().Field(i).Name, x)
			}
		}
	}
	check(reflect.ValueOf(c))
	for _, m := range c.Messages {
		check(reflect.ValueOf(m))
	}
}

func TestAnalyseTakesAnyConversation(t *testing.T) {
	a := New()
	f := func(turns []Turn) {
		t.Helper()
		c := a.Analyse(turns)
		if len(c.Messages) != len(turns) {
			t.Errorf("%d messages of %d turns", len(c.Messages), len(turns))
		}
		bounded(t, c)
	}
	f(nil)
	f(talk("u: "))
	f(talk("a: Hello"))
	f([]Turn{{Role: "system", Text: "You are a helpful assistant"}, {Role: "", Text: "?"}, {Role: event.RoleTool, Text: "{}"}})
	f(talk("u: \xff\xfe\x00", "a: \u200b\u202e", "u: ??!!", "a: 👍"))
	f(talk("u: "+strings.Repeat("x", 1<<20), "a: "+strings.Repeat("no 不 ", 1<<18)))
	long := make([]Turn, 3*MaxTurns)
	for i := range long {
		long[i] = Turn{Role: []string{event.RoleUser, event.RoleAgent}[i%2], Text: "no, that is wrong"}
	}
	f(long)
}

func TestAnalyseSaysTheSameAgainAndInParallel(t *testing.T) {
	a := New()
	turns := talk("u: I need a train to Leeds", "a: I could not find one.", "u: NO, look again!", "a: There is one at 9:15.", "u: thanks, bye")
	want := a.Analyse(turns)
	a.Analyse(talk("u: etwas anderes", "a: 好的", "u: ok", "a: ok", "u: ok", "a: ok"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if got := a.Analyse(turns); !reflect.DeepEqual(got, want) {
					t.Errorf("got %v, want %v", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzAnalyse(f *testing.F) {
	a := New()
	f.Add("Where is my order?", "I do not know.", "that is not what I asked")
	f.Add("你好", "すみません、わかりません", "\xff")
	f.Fuzz(func(t *testing.T, first, answer, second string) {
		bounded(t, a.Analyse(talk("u: "+first, "a: "+answer, "u: "+second)))
	})
}
