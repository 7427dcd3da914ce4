package signal_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"os"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/signal"
)

var update = flag.Bool("update", false, "write what is found into the scripts")

var start = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// script reads a conversation: one event a line, with the seconds since its start.
//
//	0 user: text                    a message; user{dissatisfied=0.8}: what the analyser found
//	12 interaction/copied actor=user weight=0.4
//	visit 300 400                   another conversation of the same person
//	now 90000
//	set rephrase seconds=10         a setting; weight=… and off too
func script(t *testing.T, text string) (*signal.Conversation, signal.Settings) {
	t.Helper()
	c := &signal.Conversation{ID: "c", Now: start.Add(48 * time.Hour), Found: &enrich.Conversation{}}
	settings := signal.Settings{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		first, rest, _ := strings.Cut(line, " ")
		switch first {
		case "", "#":
		case "now":
			c.Now = at(t, rest)
		case "goal":
			c.Found.Goal, c.Found.Judged = number(t, rest), true
		case "visit":
			a, b, _ := strings.Cut(rest, " ")
			c.Others = append(c.Others, signal.Visit{ConversationID: "other" + a, From: at(t, a), Until: at(t, b)})
		case "set":
			name, rest, _ := strings.Cut(rest, " ")
			settings[name] = setting(t, rest)
		default:
			e := &event.Event{ID: fmt.Sprint("e", len(c.Events)), OccurredAt: at(t, first), ConversationID: "c"}
			if head, body, ok := strings.Cut(rest, ": "); ok && !strings.Contains(head, "/") {
				c.Found.Messages = append(c.Found.Messages, says(t, e, head, body))
			} else {
				does(t, e, rest)
			}
			c.Events = append(c.Events, e)
		}
	}
	return c, settings
}

func at(t *testing.T, s string) time.Time {
	return start.Add(time.Duration(number(t, s) * float64(time.Second)))
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func says(t *testing.T, e *event.Event, head, body string) enrich.Message {
	var m enrich.Message
	role, found, _ := strings.Cut(strings.TrimSuffix(head, "}"), "{")
	e.Kind, e.Action, e.Role, e.Actor, e.Body = event.KindMessage, "sent", role, role, &body
	e.MessageID = "m" + strings.TrimPrefix(e.ID, "e")
	if role != event.RoleUser {
		e.Action = "received"
	}
	for f := range strings.FieldsSeq(found) {
		name, value, _ := strings.Cut(f, "=")
		n := number(t, value)
		switch name {
		case "dissatisfied":
			m.Dissatisfied = n
		case "rephrase":
			m.Rephrase = n
		case "accept":
			m.Accept = n
		case "reject":
			m.Reject = n
		case "injection":
			m.Injection = n
		case "refusal":
			m.Refusal = n
		case "failed":
			m.Failed = n
		case "bad":
			m.Bad = n
		case "weight":
			e.SignalDimension, e.SignalWeight = "answer", &n
		default:
			t.Fatalf("nothing is called %q", name)
		}
	}
	return m
}

func does(t *testing.T, e *event.Event, text string) {
	for i, f := range strings.Fields(text) {
		name, value, _ := strings.Cut(f, "=")
		if i == 0 {
			kind, action, _ := strings.Cut(f, "/")
			e.Kind, e.Action = event.Kind(kind), action
			continue
		}
		switch name {
		case "actor":
			e.Actor = value
		case "message":
			e.MessageID = value
		case "target":
			e.Target = value
		case "tool":
			e.ToolName = value
		case "type":
			e.ToolType = value
		case "ok":
			e.ToolOK = new(value == "true")
		case "success":
			e.Success = new(value == "true")
		case "answer":
			e.PermissionAnswer = value
		case "rater":
			e.Rater = value
		case "reason":
			e.Reason = value
		case "vocabulary":
			e.Vocabulary = value
		case "dimension":
			e.SignalDimension = value
		case "weight":
			e.SignalWeight = new(number(t, value))
			if e.SignalDimension == "" {
				e.SignalDimension = "answer"
			}
		case "ttft":
			e.TTFTMS = new(number(t, value))
		case "thumb":
			e.RatingMin, e.RatingMax, e.Score = new(0.0), new(1.0), new(number(t, value))
		case "score":
			e.RatingMin, e.RatingMax, e.Score = new(1.0), new(5.0), new(number(t, value))
		default:
			t.Fatalf("nothing is called %q", name)
		}
	}
}

func setting(t *testing.T, text string) signal.Setting {
	s := signal.Setting{Thresholds: map[string]float64{}}
	for f := range strings.FieldsSeq(text) {
		switch name, value, _ := strings.Cut(f, "="); name {
		case "off":
			s.Off = true
		case "weight":
			s.Weight = new(number(t, value))
		default:
			s.Thresholds[name] = number(t, value)
		}
	}
	return s
}

// written is a verdict as the scripts have it.
func written(v signal.Verdict) string {
	var b strings.Builder
	for _, s := range v.Signals {
		fmt.Fprintf(&b, "%s %s %+.2f on %q: %s\n", s.EventID, s.Name, s.Weight, s.MessageID, s.Reason)
	}
	if v.Quality != nil {
		fmt.Fprintf(&b, "quality %.3f of %d turns\n", *v.Quality, len(v.Turns))
	}
	fmt.Fprintf(&b, "%s by %s: %s\n", v.Outcome, v.Rule, v.Reason)
	if !v.Next.IsZero() {
		fmt.Fprintf(&b, "again at %v\n", v.Next.Sub(start))
	}
	return b.String()
}

// Each script is conversations and what is found in them. -update writes that, to be read before it is committed.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(a.Files); i += 2 {
			in, want := a.Files[i], &a.Files[i+1]
			c, s := script(t, string(in.Data))
			v := signal.Judge(c, s)
			for _, x := range v.Signals {
				seen[x.Name] = true
			}
			if got := written(v); *update {
				want.Data = []byte(got)
			} else if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Errorf("%s, %s:\n%s\n(-want +got)\n%s", file, in.Name, in.Data, d)
			}
		}
		if *update {
			if data := txtar.Format(a); !bytes.Equal(data, nil) {
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, d := range signal.Catalogue() {
		if !seen[d.Name] {
			t.Errorf("no script shows signal %s", d.Name)
		}
	}
}

func TestCatalogueIsWellFormed(t *testing.T) {
	names := map[string]bool{}
	for _, d := range signal.Catalogue() {
		if d.Name == "" || d.Title == "" || d.Rule == "" || names[d.Name] {
			t.Errorf("signal %q lacks a name of its own, a title or a rule", d.Name)
		}
		names[d.Name] = true
		if d.Weight < -1 || d.Weight > 1 {
			t.Errorf("signal %s has weight %v", d.Name, d.Weight)
		}
		for _, h := range d.Thresholds {
			if !(h.Min <= h.Default && h.Default <= h.Max) || h.Title == "" {
				t.Errorf("threshold %s of %s: %v is not from %v to %v", h.Name, d.Name, h.Default, h.Min, h.Max)
			}
			if !strings.Contains(d.Rule, "{"+h.Name+"}") {
				t.Errorf("the rule of %s does not say threshold %s", d.Name, h.Name)
			}
			for _, v := range []float64{h.Min, h.Max} {
				if err := d.Validate(signal.Setting{Thresholds: map[string]float64{h.Name: v}}); err != nil {
					t.Errorf("%s: %v", d.Name, err)
				}
			}
			for _, v := range []float64{h.Min - 1, h.Max + 1, math.NaN()} {
				if d.Validate(signal.Setting{Thresholds: map[string]float64{h.Name: v}}) == nil {
					t.Errorf("%s takes %v for threshold %s", d.Name, v, h.Name)
				}
			}
		}
	}
}

// random makes a conversation of anything.
func random(r *rand.Rand) *signal.Conversation {
	c := &signal.Conversation{ID: "c", Now: start.Add(time.Duration(r.IntN(200_000)) * time.Second)}
	texts := []string{"thanks", "what is the price of SAP?", "what was the price of SAP??", "NO!! YOU ARE USELESS", "here is the chart of the day for you", "谢谢", "", "talk to a human"}
	when := start
	for i := range 1 + r.IntN(30) {
		when = when.Add(time.Duration(r.IntN(200)) * time.Second)
		e := &event.Event{ID: fmt.Sprint("e", i), OccurredAt: when, ConversationID: "c", RequestSeq: int64(i)}
		switch r.IntN(5) {
		case 0, 1, 2:
			e.Kind, e.Role, e.MessageID = event.KindMessage, []string{event.RoleUser, event.RoleAgent, event.RoleHumanAgent, event.RoleSystem}[r.IntN(4)], fmt.Sprint("m", i)
			if r.IntN(8) > 0 {
				e.Body = &texts[r.IntN(len(texts))]
			}
		case 3:
			e.Kind = []event.Kind{event.KindInteraction, event.KindConversation, event.KindTool, event.KindGeneration}[r.IntN(4)]
			e.Action = []string{"copied", "saved", "edited", "closed", "ended", "called", "cancelled", "failed", "completed", "opened", "deleted"}[r.IntN(11)]
			if r.IntN(2) == 0 {
				e.SignalDimension, e.SignalWeight = "answer", new(r.Float64()*4-2)
			}
		case 4:
			e.Kind, e.Action, e.Score, e.MessageID = event.KindFeedback, "rated", new(r.Float64()), fmt.Sprint("m", r.IntN(i+1))
		}
		c.Events = append(c.Events, e)
	}
	for range r.IntN(3) {
		from := start.Add(time.Duration(r.IntN(100_000)) * time.Second)
		c.Others = append(c.Others, signal.Visit{ConversationID: fmt.Sprint("o", len(c.Others)), From: from, Until: from.Add(time.Minute)})
	}
	if r.IntN(2) == 0 {
		c.Found = &enrich.Conversation{Judged: true, Goal: r.Float64()}
		for range signal.Turns(c.Events) {
			c.Found.Messages = append(c.Found.Messages, enrich.Message{Dissatisfied: r.Float64(), Failed: r.Float64(), Refusal: r.Float64(), Rephrase: r.Float64()})
		}
	}
	return c
}

func TestVerdictsOfAnythingKeepTheLaws(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	outcomes := []string{event.OutcomeResolved, event.OutcomeAbandoned, event.OutcomeFailed, event.OutcomeEscalated, event.OutcomeOpen}
	for range 3000 {
		c := random(r)
		v := signal.Judge(c, nil)
		if again := signal.Judge(c, nil); !cmp.Equal(v, again) {
			t.Fatalf("seed %d: judged twice:\n%s\n%s", seed, written(v), written(again))
		}
		other := *c
		other.Others = slices.Clone(c.Others)
		slices.Reverse(other.Others)
		if again := signal.Judge(&other, nil); !cmp.Equal(v, again) {
			t.Fatalf("seed %d: the order of visits matters:\n%s\n%s", seed, written(v), written(again))
		}
		if !slices.Contains(outcomes, v.Outcome) || v.Reason == "" {
			t.Fatalf("seed %d: outcome %q because %q", seed, v.Outcome, v.Reason)
		}
		if v.Quality != nil && (*v.Quality < -1 || *v.Quality > 1) {
			t.Fatalf("seed %d: quality %v", seed, *v.Quality)
		}
		for _, s := range v.Signals {
			if s.Weight < -1 || s.Weight > 1 || s.Reason == "" || s.EventID == "" {
				t.Fatalf("seed %d: signal %+v", seed, s)
			}
		}
		if !v.Next.IsZero() && !v.Next.After(c.Now) {
			t.Fatalf("seed %d: at %v it is to be looked at again at %v", seed, c.Now, v.Next)
		}
		// What Next says is all that time can change.
		until := *c
		until.Now = c.Now.Add(time.Duration(r.IntN(100_000)) * time.Second)
		if !v.Next.IsZero() && !until.Now.Before(v.Next) {
			until.Now = v.Next.Add(-time.Second)
		}
		if until.Now.Before(c.Now) {
			continue
		}
		later := signal.Judge(&until, nil)
		later.Next, v.Next = time.Time{}, time.Time{}
		if d := cmp.Diff(v, later); d != "" {
			t.Fatalf("seed %d: time alone changed the verdict between %v and %v:\n%s", seed, c.Now, until.Now, d)
		}
	}
}

// Reasons never quote.
func TestReasonsQuoteNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		c := random(r)
		for _, e := range c.Events {
			if e.Body != nil && len(*e.Body) > 0 {
				e.Body = new(strings.ReplaceAll(*e.Body, " ", " zebra ") + " zebra")
			}
			e.ToolName, e.PermissionAnswer, e.ErrorMessage, e.Value = "zebra", "zebra", "zebra", "zebra"
		}
		v := signal.Judge(c, nil)
		for _, s := range v.Signals {
			if strings.Contains(s.Reason, "zebra") || strings.Contains(v.Reason, "zebra") {
				t.Fatalf("a reason quotes: %q, %q", s.Reason, v.Reason)
			}
		}
	}
}
