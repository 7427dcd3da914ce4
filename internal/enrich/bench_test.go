package enrich

import (
	"bufio"
	"encoding/json"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/words"
	"github.com/debrief-dev/debrief/internal/evaldata"
)

// recorded reads conversations of several kinds: bookings, recommendations, chats in English and Japanese.
func recorded(b *testing.B) (talks [][]Turn, messages int) {
	for _, name := range []string{"satisfaction_uss", "breakdown_dbdc3", "rating_convai", "failed_answer"} {
		f, err := os.Open(evaldata.Path(b, "data", "dev", name+".jsonl"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewReader(f)
		dec := json.NewDecoder(lines)
		for n := 0; n < 300 && dec.More(); n++ {
			var c struct{ Turns []Turn }
			if err := dec.Decode(&c); err != nil {
				b.Fatal(err)
			}
			talks, messages = append(talks, c.Turns), messages+len(c.Turns)
		}
	}
	return talks, messages
}

// cpu is the time this process has computed: what others do on the machine does not count.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAnalyse says how many messages a second one core analyses, all analysers together, and then the
// share of each: µs/message of computing time. Splitting is that of the words that all share.
func BenchmarkAnalyse(b *testing.B) {
	a := New()
	talks, messages := recorded(b)
	run := func(name string, body func(turns []Turn)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			begin, n := cpu(), 0
			for b.Loop() {
				for _, t := range talks {
					body(t)
				}
				n += messages
			}
			used := cpu() - begin
			b.ReportMetric(float64(n)/used.Seconds(), "messages/cpu-s")
			b.ReportMetric(float64(used.Microseconds())/float64(n), "µs/message")
		})
	}
	run("all", func(turns []Turn) { a.Analyse(turns) })
	s := new(scratch)
	run("splitting", func(turns []Turn) {
		s.read(turns)
		for i := range s.talk.Turns {
			s.talk.Turns[i].Grams()
		}
	})
	for _, p := range parts(a) {
		b.Run(p.name, func(b *testing.B) {
			read := make([]*scratch, len(talks))
			for i, t := range talks {
				read[i] = new(scratch)
				read[i].read(t)
				for j := range read[i].talk.Turns {
					read[i].talk.Turns[j].Grams()
				}
			}
			b.ReportAllocs()
			begin, n := cpu(), 0
			for b.Loop() {
				for _, s := range read {
					p.run(s)
				}
				n += messages
			}
			b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(n), "µs/message")
		})
	}
}

// part is one analyser over a conversation that is split already.
type part struct {
	name string
	run  func(s *scratch)
}

// parts are the analysers, one each.
func parts(a *Analyser) []part {
	each := func(role string, f func(s *scratch, i int)) func(s *scratch) {
		return func(s *scratch) {
			for i := range s.talk.Turns {
				if s.talk.Turns[i].Role == role && !s.talk.Turns[i].Empty() {
					f(s, i)
				}
			}
		}
	}
	forget := func(s *scratch, i int) {
		s.talk.Turns[i].Measured, s.talk.Turns[i].Cues.Known = s.talk.Turns[i].Measured[:0], false
	}
	return []part{
		{"course of answers", each(words.Agent, func(s *scratch, i int) { forget(s, i); course.Answer(&s.talk, i, s.in.Dense[:0]) })},
		{"course of messages", each(words.User, func(s *scratch, i int) { forget(s, i); course.User(&s.talk, i, s.in.Dense[:0]) })},
		{"failed", each(words.Agent, func(s *scratch, i int) { a.failed.Score(&s.talk, i, &s.in) })},
		{"bad", each(words.Agent, func(s *scratch, i int) { a.bad.Score(&s.talk, i, &s.in) })},
		{"thumb", each(words.Agent, func(s *scratch, i int) { a.rating.Thumb(&s.talk, i, 0.5, &s.in) })},
		{"refusal", each(words.Agent, func(s *scratch, i int) { a.refusal.Score(&s.talk, i, &s.in) })},
		{"reply", each(words.User, func(s *scratch, i int) { a.goal.Reply(&s.talk, i, &s.in) })},
		{"satisfaction", each(words.User, func(s *scratch, i int) { a.satisfaction.Dissatisfied(&s.talk, i, &s.found, &s.in) })},
		{"rating", func(s *scratch) { a.rating.Rating(&s.talk, s.found.Bad, &s.in) }},
		{"goal", func(s *scratch) { a.goal.Goal(&s.talk, s.found.Replies, &s.in) }},
		{"rephrase", each(words.User, func(s *scratch, i int) {
			if before, _ := s.talk.Before(i, words.User); before != nil {
				a.rephrase.Score(&before.Text, &s.talk.Turns[i].Text, &s.in)
			}
		})},
		{"language", func(s *scratch) {
			c := Conversation{Messages: make([]Message, len(s.talk.Turns))}
			a.languages(s, &c)
		}},
	}
}
