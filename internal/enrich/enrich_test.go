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

func TestDissatisfiedTurns(t *testing.T) {
	a := New()
	worse := func(bad, good []Turn) {
		t.Helper()
		b, g := a.Analyse(bad), a.Analyse(good)
		i, j := len(bad)-1, len(good)-1
		if b.Messages[i].Dissatisfied <= g.Messages[j].Dissatisfied {
			t.Errorf("%q: %.3f, not above %q: %.3f", bad[i].Text, b.Messages[i].Dissatisfied, good[j].Text, g.Messages[j].Dissatisfied)
		}
	}
	asked, answered := "u: I need a cheap hotel in the north", "a: The Ashley is a cheap hotel in the north."
	worse(talk(asked, answered, "u: No, that's not what I asked for!"), talk(asked, answered, "u: Great, thank you, please book it."))
	worse(talk(asked, "a: Sorry, I could not find one.", "u: I said a cheap hotel in the north"), talk(asked, answered, "u: Does it have parking?"))
	worse(talk(asked, answered, "u: this is useless, I don't want that"), talk(asked, answered, "u: ok sounds good"))
	worse(talk(asked, answered, "u: non, ce n'est pas bon"), talk(asked, answered, "u: oui, merci, parfait"))
	worse(talk(asked, answered, "u: 不是，我不要这个"), talk(asked, answered, "u: 好的，谢谢"))
	if d := a.Analyse(talk("u: No parking in the city?")).Messages[0].Dissatisfied; d > 0.5 {
		t.Errorf("a first message, to which nothing was said, is dissatisfied: %.2f", d)
	}
}

func TestSatisfactionOfConversations(t *testing.T) {
	a := New()
	good := a.Analyse(talk("u: Hi, I need a taxi to the station", "a: When do you want to leave?", "u: At nine, please", "a: Your taxi is booked.", "u: Perfect, thanks a lot!"))
	bad := a.Analyse(talk("u: Hi, I need a taxi to the station", "a: Which restaurant would you like?", "u: no, a taxi, not a restaurant", "a: Sorry, I don't understand.", "u: this doesn't work, forget it"))
	if good.Satisfaction < bad.Satisfaction+0.2 {
		t.Errorf("satisfaction %.2f of a good conversation, %.2f of a bad one", good.Satisfaction, bad.Satisfaction)
	}
	if !good.Judged {
		t.Error("a conversation with a question and an answer is not judged")
	}
	if c := a.Analyse(talk("u: Hello?")); c.Judged || c.Satisfaction != 0 {
		t.Errorf("without an answer: judged %v, satisfaction %.2f", c.Judged, c.Satisfaction)
	}
}

func TestBadAnswers(t *testing.T) {
	a := New()
	f := func(question, fits, unfit string) {
		t.Helper()
		good, bad := a.Analyse(talk("a: Hello!", "u: "+question, "a: "+fits)).Messages[2].Bad, a.Analyse(talk("a: Hello!", "u: "+question, "a: "+unfit)).Messages[2].Bad
		if bad <= good {
			t.Errorf("%q: bad %.2f for %q, %.2f for %q", question, bad, unfit, good, fits)
		}
	}
	f("How are you today?", "I am fine, thank you, and you?", "No, the president of what.")
	first := a.Analyse(talk("u: Do you like music?", "a: I like to read about the paragraph.", "u: What? That makes no sense.")).Messages[1].Bad
	calm := a.Analyse(talk("u: Do you like music?", "a: I like to read about the paragraph.", "u: Nice, me too! What do you read?")).Messages[1].Bad
	if first <= calm {
		t.Errorf("an answer that the user does not understand: bad %.2f, not above %.2f", first, calm)
	}
}

func TestAcceptAndReject(t *testing.T) {
	a := New()
	f := func(reply string, accepts bool) {
		t.Helper()
		m := a.Analyse(talk("u: Can you recommend a comedy?", "a: Have you seen The Hangover?", "u: "+reply)).Messages[2]
		if (m.Accept > m.Reject) != accepts {
			t.Errorf("%q: accept %.2f, reject %.2f", reply, m.Accept, m.Reject)
		}
	}
	f("That sounds great, I will watch it tonight. Thank you!", true)
	f("Perfect, I'll check it out, thanks", true)
	f("I don't like that kind of movie, anything else?", false)
	f("No, not that one. I hated it.", false)
}

func TestGoalReached(t *testing.T) {
	a := New()
	yes := a.Analyse(talk("u: Hi, can you recommend a scary movie?", "a: Have you seen The Conjuring?", "u: No, but it sounds great, I will watch it. Thanks, bye!")).Goal
	no := a.Analyse(talk("u: Hi, can you recommend a scary movie?", "a: Have you seen The Conjuring?", "u: I don't like that one", "a: How about Saw?", "u: no, I hated it")).Goal
	if yes < no+0.1 {
		t.Errorf("goal %.2f where it was taken, %.2f where it was turned down", yes, no)
	}
}

func TestThumbs(t *testing.T) {
	a := New()
	up := a.Analyse(talk("u: Hi! What do you do for fun?", "a: I love to play the guitar. Do you play an instrument?", "u: Cool! Yes, the piano.")).Messages[1].ThumbUp
	down := a.Analyse(talk("u: Hi! What do you do for fun?", "a: I do not know what that is.", "u: what?? you are a stupid bot")).Messages[1].ThumbUp
	if up <= down {
		t.Errorf("thumb up %.2f for a fitting answer, %.2f for one that annoys", up, down)
	}
}
