package emotion_test

import (
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/emotion"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func say(turns ...string) (string, [4]float64) {
	var talk words.Talk
	var in linear.Input
	for i, t := range turns {
		role := words.User
		if i%2 == 1 {
			role = words.Agent
		}
		talk.Add(role, t)
	}
	return emotion.New().Score(&talk, len(turns)-1, &in)
}

func TestEmotions(t *testing.T) {
	f := func(want string, turns ...string) {
		t.Helper()
		if got, p := say(turns...); got != want {
			t.Errorf("%q: got %s %.2f, want %s", turns, got, p, want)
		}
	}
	f(emotion.Angry, "hi", "hello, how are you?", "shut up, you are useless")
	f(emotion.Angry, "I hate you")
	f(emotion.Sad, "my dog died yesterday", "oh no, what happened?", "i feel so lonely and sad")
	f(emotion.Sad, "she left me", "why?", "i am crying 😭")
	f(emotion.Happy, "tell me a joke", "why did the hen cross the road?", "haha that was so funny 😂")
	f(emotion.Others, "Where is the nearest station?")
	f(emotion.Others, "please book a table for four at seven")
	f(emotion.Others, "How do I export the report?", "Which format would you like?", "CSV")
	f(emotion.Others, "Wie kann ich den Bericht exportieren?")
}

// The same words mean different things after different ones.
func TestTurnsBeforeMatter(t *testing.T) {
	_, after := say("you are an idiot", "same to you", "really")
	_, alone := say("i won the game", "wow, congratulations!", "really")
	if after[0] <= alone[0] {
		t.Errorf("angry after an insult %.3f, after good news %.3f", after[0], alone[0])
	}
}

func FuzzScore(f *testing.F) {
	f.Add("so", "what?", "I AM ANGRY!!!")
	f.Add("", strings.Repeat("😂", 2000), "\xff")
	a := emotion.New()
	f.Fuzz(func(t *testing.T, one, two, three string) {
		var talk words.Talk
		var in linear.Input
		talk.Add(words.User, one)
		talk.Add(words.Agent, two)
		talk.Add(words.User, three)
		name, p := a.Score(&talk, 2, &in)
		sum := p[0] + p[1] + p[2] + p[3]
		if name == "" || !(sum > 0.999 && sum < 1.001) {
			t.Errorf("%q %q %q: %s %v", one, two, three, name, p)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	a := emotion.New()
	b.ReportAllocs()
	var talk words.Talk
	var in linear.Input
	talk.Add(words.User, "I ordered a blue one last week")
	talk.Add(words.Agent, "Yes, I can see your order. It was delivered yesterday.")
	talk.Add(words.User, "but the parcel that came had a red one in it, can you help?")
	for i := range talk.Turns {
		talk.Turns[i].Grams() // shared by all analysers
	}
	for b.Loop() {
		a.Score(&talk, 2, &in)
	}
}
