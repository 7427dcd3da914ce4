package link

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// row reads a line of a test: minutes, what it is, and the conversation if it says one.
func row(t *testing.T, line string) *event.Event {
	t.Helper()
	words := strings.Fields(line)
	minutes, err := strconv.ParseFloat(words[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	e := &event.Event{
		ID: strings.Join(words[:2], " "), Source: "app", UserID: "ada", SessionID: "s1",
		OccurredAt: start.Add(time.Duration(minutes * float64(time.Minute))),
	}
	switch words[1] {
	case "new":
		e.Kind, e.Action = event.KindConversation, "created"
	case "say":
		e.Kind, e.Action, e.Role = event.KindMessage, "sent", event.RoleUser
	case "edit":
		e.Kind, e.Action = event.KindInteraction, "edited"
	case "tool":
		e.Kind, e.Action = event.KindTool, "called"
	default:
		t.Fatalf("no row %q", line)
	}
	if len(words) > 2 {
		e.ConversationID = words[2]
	}
	return e
}

func table(t *testing.T, text string) []*event.Event {
	t.Helper()
	var rows []*event.Event
	for _, line := range strings.Split(text, ";") {
		rows = append(rows, row(t, line))
	}
	return rows
}

// apply puts copies in the place of the rows they are of.
func apply(rows, changed []*event.Event) []*event.Event {
	out := slices.Clone(rows)
	for _, c := range changed {
		for i, e := range out {
			if e.ID == c.ID {
				out[i] = c
			}
		}
	}
	return out
}

func links(rows []*event.Event) string {
	var out []string
	for _, e := range rows {
		if f := linkOf(e); f != (found{}) {
			out = append(out, fmt.Sprintf("%s: %s %s", e.ID, f.from, f.conversation))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestLink(t *testing.T) {
	for _, test := range []struct{ name, rows, want string }{
		{"the last one", "0 say a; 5 edit; 6 say b", "5 edit: last a"},
		{"the next one, if there is no last", "0 edit; 5 say a; 6 say b", "0 edit: next a"},
		{"New Chat begins the next one", "0 say a; 5 new; 6 say b", "5 new: next b"},
		{"the next one is not the one that goes on", "0 say a; 5 new; 6 tool a; 7 say b", "5 new: next b"},
		{"a New Chat that is left again", "0 say a; 5 new; 7 say a; 8 say b", "5 new: next a"},
		{"what follows New Chat goes with it", "0 say a; 5 new; 6 edit; 7 say b; 8 edit", "5 new: next b; 6 edit: next b; 8 edit: last b"},
		{"New Chat that comes to nothing", "0 say a; 5 new; 6 edit", ""},
		{"New Chat twice", "0 say a; 5 new; 6 new; 7 edit; 8 say b", "5 new: next b; 6 new: next b; 7 edit: next b"},
		{"as far as the window", "0 say a; 30 edit", "30 edit: last a"},
		{"beyond the window", "0 say a; 30.01 edit; 61 say b", ""},
		{"beyond the window, but not of the next", "0 say a; 31 edit; 61 say b", "31 edit: next b"},
		{"what New Chat does not reach", "0 new; 20 edit; 40 say b", "20 edit: next b"},
		{"no conversation by links alone", "0 new; 1 edit; 2 tool", ""},
		{"linked rows are no conversation of others", "0 say a; 20 edit; 40 edit", "20 edit: last a"},
		{"messages stay", "0 say a; 1 say", ""},
	} {
		rows := table(t, test.rows)
		got := apply(rows, Link(rows))
		if links(got) != test.want {
			t.Errorf("%s: %s\n got %q\nwant %q", test.name, test.rows, links(got), test.want)
		}
		for _, e := range got {
			if is := linkOf(e) != (found{}); is && (!e.Inferred || e.ConversationID != linkOf(e).conversation) {
				t.Errorf("%s: %s is in %q, inferred %v", test.name, e.ID, e.ConversationID, e.Inferred)
			}
		}
	}
}

func TestLinkIsUndone(t *testing.T) {
	rows := table(t, "0 say a; 5 edit")
	linked := apply(rows, Link(rows))
	if links(linked) == "" || links(rows) != "" {
		t.Fatalf("linked %q, given %q", links(linked), links(rows))
	}
	if d := cmp.Diff(rows[1:], Link(linked[1:])); d != "" {
		t.Errorf("without the conversation the row should be as it was sent (-want +got):\n%s", d)
	}
}

func TestLinkable(t *testing.T) {
	for name, change := range map[string]func(*event.Event){
		"a fault of the client": func(e *event.Event) { e.Violations = []string{"missing_conversation_id"} },
		"an id that is none":    func(e *event.Event) { e.Violations = []string{"invalid_conversation_id"} },
		"has one":               func(e *event.Event) { e.ConversationID = "c" },
		"a span":                func(e *event.Event) { e.TraceID = "t" },
		"a derived row":         func(e *event.Event) { e.DerivedFrom = "x" },
		"a guess":               func(e *event.Event) { e.Inferred = true },
		"rates the session":     func(e *event.Event) { e.Kind, e.Scope = event.KindFeedback, "session" },
		"a message":             func(e *event.Event) { e.Kind, e.Action = event.KindMessage, "sent" },
		"a model call":          func(e *event.Event) { e.Kind, e.Action, e.CountsUsage = event.KindGeneration, "completed", true },
		"a product event":       func(e *event.Event) { e.Kind, e.Action = event.KindProduct, "tracked" },
		"nobody's":              func(e *event.Event) { e.UserID, e.SessionID = "", "" },
	} {
		e := row(t, "0 edit")
		if !Linkable(e) {
			t.Fatal("a plain interaction should be linkable")
		}
		if change(e); Linkable(e) {
			t.Errorf("%s should not be linkable", name)
		}
	}
}

func TestSays(t *testing.T) {
	for name, change := range map[string]func(*event.Event){
		"a page view":                 func(e *event.Event) { e.Kind, e.Action = event.KindProduct, "viewed" },
		"a row of a trace":            func(e *event.Event) { e.TraceID = "t" },
		"nothing":                     func(e *event.Event) { e.ConversationID = "" },
		"what was linked, not said":   func(e *event.Event) { e.Repairs = []event.Repair{{Code: Code, From: last, To: "a"}} },
		"who somebody is, not a chat": func(e *event.Event) { e.Kind, e.Action = event.KindIdentity, "identified" },
	} {
		e := row(t, "0 say a")
		if !Says(e) {
			t.Fatal("a message says its conversation")
		}
		if change(e); Says(e) {
			t.Errorf("%s should not count", name)
		}
	}
}

// TestOrderDoesNotMatter links random rows in random order, some of them twice, some only later: in the end
// the links are those of all rows at once, and linking again changes nothing.
func TestOrderDoesNotMatter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	kinds := []string{"new", "edit", "tool", "edit", "say a", "say b", "tool a", "tool c"}
	for range 500 {
		var lines []string
		for i := range 2 + r.IntN(14) {
			lines = append(lines, fmt.Sprintf("%d.%02d %s", r.IntN(90), i, kinds[r.IntN(len(kinds))]))
		}
		all := table(t, strings.Join(lines, "; "))
		want := links(apply(all, Link(all)))
		order := r.Perm(len(all))
		var have []*event.Event
		for n, i := range order {
			have = append(have, all[i])
			if n%3 == 0 {
				have = apply(have, Link(append(have, have[r.IntN(len(have))])))
			}
		}
		have = apply(have, Link(have))
		if got := links(have); got != want {
			t.Fatalf("seed %d: %s\nin the order %v\n got %q\nwant %q", seed, lines, order, got, want)
		}
		if again := Link(have); len(again) != 0 {
			t.Fatalf("seed %d: linked again, %d rows change", seed, len(again))
		}
	}
}

// TestReach: a row that comes changes no link further away than Reach, and rows further away than that do
// not decide a link.
func TestReach(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	kinds := []string{"new", "edit", "new", "edit", "say a", "say b", "say c"}
	for range 1000 {
		var lines []string
		for i := range 14 {
			lines = append(lines, fmt.Sprintf("%d.%02d %s", r.IntN(300), i, kinds[r.IntN(len(kinds))]))
		}
		all := table(t, strings.Join(lines, "; "))
		i := r.IntN(len(all))
		fresh := all[i]
		old := slices.Delete(slices.Clone(all), i, i+1)
		old = append(apply(old, Link(old)), fresh)
		near := slices.DeleteFunc(slices.Clone(old), func(e *event.Event) bool { return e.OccurredAt.Sub(fresh.OccurredAt).Abs() > 2*Reach })
		changed := slices.DeleteFunc(Link(near), func(e *event.Event) bool { return e.OccurredAt.Sub(fresh.OccurredAt).Abs() > Reach })
		if got, want := links(apply(old, changed)), links(apply(all, Link(all))); got != want {
			t.Fatalf("seed %d: %s with %s\n got %q\nwant %q", seed, lines, fresh.ID, got, want)
		}
	}
}

func TestGroupsAreToldApart(t *testing.T) {
	e := &event.Event{Source: "app", UserID: "ada", AnonymousID: "x", SessionID: `s"1`}
	g := GroupOf(e)
	if want := (Group{Source: "app", UserID: "ada", SessionID: `s"1`}); g != want {
		t.Errorf("group %v, want %v: the user id stands for the person", g, want)
	}
	if read, err := ParseGroup(g.String()); err != nil || read != g {
		t.Errorf("read %v, %v", read, err)
	}
	if a, b := (Group{UserID: "x"}), (Group{AnonymousID: "x"}); a.String() == b.String() {
		t.Error("a user and an anonymous person are one")
	}
	for _, text := range []string{"", "[]", `["a"]`, "x"} {
		if _, err := ParseGroup(text); err == nil {
			t.Errorf("%q is read as a group", text)
		}
	}
}
