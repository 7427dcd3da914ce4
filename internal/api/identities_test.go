package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
)

// personal are the questions whose answers hang on whose an id is.
var personal = []string{
	"people?sort=events", "people/ada", "people/anon-1", "people/anon-2",
	"metrics/people?period=week&from=2026-04-20&until=2026-05-18", "metrics/new_users?from=2026-04-20&until=2026-05-18",
	"retention?who=people&period=week&from=2026-04-20&until=2026-05-18", "funnel?per=person&" + stepAsked + stepAnswered,
	"conversations", "conversations?filter=person:eq:ada", "conversations/facets?fields=person,channel", "events?filter=person:eq:ada",
}

// Every figure follows what is decided of ids, older rows too, and follows back when it is taken back; the engine
// answers as the reference does.
func TestFiguresFollowIdentities(t *testing.T) {
	duck, err := duckstore.Open(t.Context(), duckstore.Config{Dir: t.TempDir(), MemoryLimit: 512 << 20, CompactEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := duck.Close(); err != nil {
			t.Error(err)
		}
	})
	reference, engine := start(t), startOn(t, duck)
	decide := func(said ...event.Identity) map[string]string {
		t.Helper()
		answers := map[string]string{}
		for _, a := range []*running{reference, engine} {
			if _, err := a.store.Write(t.Context(), &eventstore.Batch{Identities: said}); err != nil {
				t.Fatal(err)
			}
			for _, q := range personal {
				res, body := a.send(t, http.MethodGet, "/api/v1/"+q, "")
				if res.StatusCode != http.StatusOK {
					t.Fatalf("%+v: %s: %s %s", said, q, res.Status, body)
				}
				if a == engine && string(body) != answers[q] {
					t.Errorf("%+v: %s: the engine answers\n%s\nthe reference\n%s", said, q, body, answers[q])
				}
				answers[q] = string(body)
			}
		}
		return answers
	}
	shows := func(when, people, cohorts, adasFirst, adasChats string) {
		t.Helper()
		got := []string{
			fmt.Sprint(part(t, engine.get(t, "/api/v1/people"), "total")), cohortsOf(t, engine),
			fmt.Sprint(part(t, engine.get(t, "/api/v1/people/ada"), "first_seen_at")),
			fmt.Sprint(part(t, engine.get(t, "/api/v1/conversations?filter=person:eq:ada"), "total")),
		}
		if want := []string{people, cohorts, adasFirst, adasChats}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: people, cohorts, Ada's first event and conversations are %q, want %q", when, got, want)
		}
	}
	before := decide()
	shows("before", "2", "2026-04-27 of 1, 2026-05-04 of 1", "2026-05-04T11:59:00Z", "2")
	decide(event.Identity{Type: event.IdentityAnonymous, ID: "anon-2", Person: "ada"})
	shows("the stranger is Ada", "1", "2026-04-27 of 1", "2026-04-27T12:00:00Z", "3")
	decide(event.Identity{Type: event.IdentityUser, ID: "ada", Ignored: true})
	shows("ada is nobody's id", "2", "2026-04-27 of 1, 2026-05-04 of 1", "2026-04-27T12:00:00Z", "2") // c1 has another id
	if got := text(t, part(t, engine.get(t, "/api/v1/people/anon-1"), "user_ids")); got != "[]" {
		t.Errorf("ada is nobody's id, and in rows of anon-1, who has the user ids %s", got)
	}
	after := decide(event.Identity{Type: event.IdentityUser, ID: "ada"}, event.Identity{Type: event.IdentityAnonymous, ID: "anon-2"})
	shows("taken back", "2", "2026-04-27 of 1, 2026-05-04 of 1", "2026-05-04T11:59:00Z", "2")
	for _, q := range personal {
		if after[q] != before[q] {
			t.Errorf("%s: after it was taken back\n%s\nbefore\n%s", q, after[q], before[q])
		}
	}
}

// cohortsOf are the starts and sizes of the cohorts of persons by week.
func cohortsOf(t *testing.T, a *running) string {
	t.Helper()
	out := ""
	for i, c := range part(t, a.get(t, "/api/v1/retention?who=people&period=week&from=2026-04-20&until=2026-05-18"), "cohorts").([]any) {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprint(part(t, c, "start").(string)[:10], " of ", part(t, c, "size"))
	}
	return out
}
