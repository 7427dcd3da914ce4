// Package demo makes a month of a copilot's life: the calls that the SDKs in a small stock-trading
// app and its help centre would have sent. It is deterministic: the same seed and end give the same
// calls with the same event ids, so that sending them twice changes nothing.
//
// The month is made to be explored. People come back or do not, ask about prices, charts, orders and
// their account, get components and tools, rate, buy. In its third week a release of the prompt
// ("v7") breaks charts: answers are slow, people ask again, ratings and purchases fall; "v8" mends it.
//
// It only makes calls; package send delivers them through the same door as everybody's.
package demo

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Config says how much to make. Zero values are replaced by the defaults named.
type Config struct {
	Seed          uint64    // default 1
	Until         time.Time // end of the month, exclusive; required
	Days          int       // default 30
	Users         int       // default 420
	Conversations int       // default 3600; the number made differs by what chance drew
}

// Sources of the month: each stands for one write key.
const (
	WebApp     = "Web app"     // the copilot in the app, with the Segment spec's event names
	HelpCentre = "Help centre" // the copilot on the help pages, with Screeb's event names
)

// Call is one API call, ready to be sent.
type Call struct {
	Source string // WebApp or HelpCentre
	At     time.Time
	JSON   []byte
}

// Conversions are the event names that count as conversions in this month.
var Conversions = []string{"Stock Purchased", "Item Purchased", "screeb_copilot_conversion"}

func (c Config) withDefaults() Config {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.Days, 30)
	def(&c.Users, 420)
	def(&c.Conversations, 3600)
	if c.Seed == 0 {
		c.Seed = 1
	}
	c.Until = c.Until.UTC().Truncate(time.Hour)
	return c
}

// Calls returns the month's calls in the order of their time.
func Calls(cfg Config) iter.Seq[Call] {
	cfg = cfg.withDefaults()
	return func(yield func(Call) bool) {
		for _, c := range newMonth(cfg).make() {
			if !yield(c) {
				return
			}
		}
	}
}

// month is the state of one generation.
type month struct {
	cfg    Config
	rng    *rand.Rand
	start  time.Time
	people []*person
	weight []float64 // cumulative activity of people
	calls  []Call
	convs  int
}

func newMonth(cfg Config) *month {
	m := &month{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0x0debf1ef))}
	// Whole days, so that hours of the day are what they say; the last one ends where the month does.
	m.start = cfg.Until.Add(-time.Nanosecond).Truncate(24*time.Hour).AddDate(0, 0, 1-cfg.Days)
	total := 0.0
	for i := range cfg.Users {
		p := newPerson(m.rng, i, cfg.Days)
		m.people = append(m.people, p)
		total += p.activity
		m.weight = append(m.weight, total)
	}
	return m
}

func (m *month) make() []Call {
	for day := range m.cfg.Days {
		date := m.start.AddDate(0, 0, day)
		for range m.conversationsOn(day, date) {
			p := m.pick(day)
			if p == nil {
				continue
			}
			at := date.Add(m.timeOfDay())
			if at.Before(m.cfg.Until.Add(-time.Hour)) {
				newTalk(m, p, day, at).play()
			}
		}
	}
	slices.SortStableFunc(m.calls, func(a, b Call) int { return a.At.Compare(b.At) })
	return m.calls
}

// conversationsOn is how many conversations start on a day: fewer at weekends, slowly growing.
func (m *month) conversationsOn(day int, date time.Time) int {
	mean := float64(m.cfg.Conversations) / float64(m.cfg.Days) * 1.12
	if wd := date.Weekday(); wd == time.Saturday || wd == time.Sunday {
		mean *= 0.55
	}
	mean *= 0.85 + 0.3*float64(day)/float64(m.cfg.Days)
	return int(math.Round(mean * (0.9 + 0.2*m.rng.Float64())))
}

// timeOfDay draws from a curve with peaks in the late morning and the afternoon.
func (m *month) timeOfDay() time.Duration {
	peak := 10.5
	switch r := m.rng.Float64(); {
	case r < 0.40:
		peak = 15.5
	case r < 0.55:
		peak = 20
	}
	h := math.Mod(peak+m.rng.NormFloat64()*2+24, 24)
	return time.Duration(h * float64(time.Hour))
}

// pick draws a person who has joined by the day and not left.
func (m *month) pick(day int) *person {
	for range 20 {
		x := m.rng.Float64() * m.weight[len(m.weight)-1]
		i, _ := slices.BinarySearch(m.weight, x)
		p := m.people[min(i, len(m.people)-1)]
		if p.joins <= day && day <= p.leaves {
			return p
		}
	}
	return nil
}

// id makes a deterministic identifier with a readable prefix.
func (m *month) id(prefix string) string {
	return fmt.Sprintf("%s-%08x%08x", prefix, m.rng.Uint32(), m.rng.Uint32())
}

// emit appends a call; fields without a value are left out.
func (m *month) emit(source string, at time.Time, call map[string]any) {
	call["messageId"] = m.id("demo-" + at.Format("20060102"))
	call["timestamp"] = at.UTC().Format("2006-01-02T15:04:05.000Z")
	b, err := json.Marshal(call)
	if err != nil {
		panic("BUG: demo call: " + err.Error())
	}
	m.calls = append(m.calls, Call{Source: source, At: at, JSON: b})
}
