package refusal_test

import (
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func score(question, answer string) float64 {
	var talk words.Talk
	var in linear.Input
	talk.Add(words.User, question)
	talk.Add(words.Agent, answer)
	return refusal.New().Score(&talk, 1, &in)
}

func TestRefusals(t *testing.T) {
	f := func(answer string, want bool) {
		t.Helper()
		if got := score("Can you look up my neighbour's salary?", answer); (got >= refusal.Threshold) != want {
			t.Errorf("%q: got %.2f, want %v", answer, got, want)
		}
	}
	f("I'm sorry, but I can't help with that.", true)
	f("I cannot provide personal information about other people.", true)
	f("As an AI model I'm not able to assist with requests like this one.", true)
	f("Sorry, I won't do that. It would be an invasion of their privacy.", true)
	f("Salaries of public employees are published each year. Here is how you can find them: 1. Open the city's site. 2. Search the list.", false)
	f("Sure! You can use the search box at the top of the page.", false)
	f("The report has three sections, of which the second one is about costs.", false)
	f("Done. I have renamed the file and updated the two places that refer to it.", false)
}

// The labelled answers are English; the phrases of other languages have to carry the rest.
func TestRefusalsInOtherLanguages(t *testing.T) {
	f := func(answer string, want bool) {
		t.Helper()
		if got := score("?", answer); (got >= refusal.Threshold) != want {
			t.Errorf("%q: got %.2f, want %v", answer, got, want)
		}
	}
	f("Es tut mir leid, aber ich kann dir dabei nicht helfen.", true)
	f("Je ne peux pas vous aider avec cette demande.", true)
	f("Lo siento, pero no puedo ayudarte con eso.", true)
	f("Извините, я не могу помочь с этим.", true)
	f("抱歉，我无法提供这些信息。", true)
	f("Hier sind die drei Berichte aus dem letzten Monat.", false)
	f("Voici la liste des commandes du mois dernier.", false)
}

func TestExplainNamesTheWords(t *testing.T) {
	var talk words.Talk
	talk.Add(words.Agent, "I'm sorry, but I can't help with that.")
	for _, r := range refusal.New().Explain(&talk, 0, 8) {
		if r.Weight > 0 && (r.What == "can't" || r.What == "sorry" || strings.HasPrefix(r.What, "declines")) {
			return
		}
	}
	t.Errorf("got %+v", refusal.New().Explain(&talk, 0, 8))
}

func FuzzScore(f *testing.F) {
	f.Add("what?", "I can't do that.")
	f.Add("", strings.Repeat("no ", 3000))
	f.Add("\xff", "我无法\xfe")
	a := refusal.New()
	f.Fuzz(func(t *testing.T, question, answer string) {
		var talk words.Talk
		var in linear.Input
		talk.Add(words.User, question)
		talk.Add(words.Agent, answer)
		if s := a.Score(&talk, 1, &in); !(s >= 0 && s <= 1) {
			t.Errorf("%q %q: %v", question, answer, s)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	a := refusal.New()
	f := func(name, answer string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var talk words.Talk
			var in linear.Input
			talk.Add(words.User, "Could you find me a hotel near the station for next week?")
			talk.Add(words.Agent, answer)
			talk.Turns[1].Grams() // shared by all analysers
			for b.Loop() {
				a.Score(&talk, 1, &in)
			}
		})
	}
	f("message", "I have found two hotels near the station that have rooms for next week. Which one would you like me to book?")
	f("long", strings.Repeat("I have found two hotels near the station that have rooms for next week. ", 20))
}
