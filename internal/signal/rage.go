package signal

import "strings"

// rage is a user who is at the end of their patience.
var rage = Definition{
	Name: "rage", Title: "Rage", Group: Course, Dimension: Answer, Weight: -0.8,
	Rule: "At least {messages} messages of the user within {seconds} s, and {marks} of them ask the same again, shout (capitals, !!) or insult. Once a burst.",
	Thresholds: []Threshold{
		{Name: "messages", Title: "Messages from", Unit: "messages", Default: 3, Min: 2, Max: 20},
		{Name: "seconds", Title: "Longest time", Unit: "s", Default: 120, Min: 10, Max: 1800},
		{Name: "marks", Title: "Of them with a mark", Unit: "messages", Default: 2, Min: 1, Max: 20},
	},
	find: func(f *finder) {
		again := map[int]bool{}
		for _, s := range f.found {
			if s.Name == "rephrase" || s.Name == "regenerated" {
				again[s.at] = true
			}
		}
		var burst []message
		for _, m := range f.messages {
			if !isUser(m.Event) {
				continue
			}
			burst = append(burst, m)
			for m.OccurredAt.Sub(burst[0].OccurredAt) > f.seconds("seconds") {
				burst = burst[1:]
			}
			if n := float64(len(burst)); n < f.threshold("messages") {
				continue
			}
			asked, loud, insults := 0, 0, 0
			marks := 0
			for _, b := range burst {
				a, l, i := again[b.at], b.text.loud(), b.text.says(insultWords)
				asked, loud, insults = asked+one(a), loud+one(l), insults+one(i)
				marks += one(a || l || i)
			}
			if float64(marks) >= f.threshold("marks") {
				f.conclude(m.at, f.lastAnswer[m.at], "%d messages in %s: %s", len(burst), span(m.OccurredAt.Sub(burst[0].OccurredAt)), marksOf(asked, loud, insults))
				burst = nil
			}
		}
	},
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func marksOf(asked, loud, insults int) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, count(n)+" "+what)
		}
	}
	add(asked, "asked again")
	add(loud, "shouted")
	add(insults, "insulting")
	return strings.Join(parts, ", ")
}

var insultWords = phrasesOf(
	"stupid", "idiot", "dumb", "useless", "worthless", "garbage", "rubbish", "crap", "shit", "bullshit", "fuck", "fucking", "wtf", "moron", "pathetic", "terrible", "horrible", "ridiculous", "you suck", "this sucks",
	"dumm", "blöd", "idiotisch", "scheiße", "scheisse", "nutzlos", "unbrauchbar", "schrott", "stupide", "inutile", "merde", "putain", "estúpido", "estúpida", "inútil", "mierda", "idiota", "basura",
	"stupido", "schifo", "merda", "cazzo", "lixo", "porra", "waardeloos", "nutteloos", "klote", "傻瓜", "傻逼", "垃圾", "废物", "廢物", "笨蛋", "他妈", "バカ", "馬鹿", "くそ", "クソ", "役立たず", "使えない",
)
