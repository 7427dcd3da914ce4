package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// BenchmarkProfileTraits asks the Profile API, without the network, for the traits of somebody with ten sent ones, and
// five computed ones of so many that are defined. What definitions cost is the difference to none.
func BenchmarkProfileTraits(b *testing.B) {
	for _, definitions := range []int{0, 10, 100, metastore.MaxComputed} {
		b.Run(fmt.Sprintf("definitions=%d", definitions), func(b *testing.B) {
			c := Config{Config: *config.Default(), Version: "bench", Log: slog.New(slog.DiscardHandler)}
			c.Data, c.Listen, c.Limits.ProfilesPerSecond = b.TempDir(), "127.0.0.1:0", 1_000_000
			c.Bootstrap = config.Bootstrap{WriteKey: testKey, Token: testToken}
			a, err := Start(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = a.Close(b.Context()) }()
			knowSomebody(b, a, definitions)
			door, err := a.profileDoor()
			if err != nil {
				b.Fatal(err)
			}
			req := httptest.NewRequest(http.MethodGet, "/v1/spaces/default/collections/users/profiles/user_id:ada/traits?limit=100", nil)
			req.SetBasicAuth(testToken, "")
			want := 10 + min(5, definitions)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				door.ServeHTTP(w, req)
				var answer struct{ Traits map[string]json.RawMessage }
				if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Traits) != want {
					b.Fatalf("%d traits, %v: %d %s", len(answer.Traits), err, w.Code, w.Body)
				}
			}
		})
	}
}

// knowSomebody stores a person, and definitions that are not computed.
func knowSomebody(b *testing.B, a *App, definitions int) {
	ada, at := identity.Identifier{Type: identity.User, Value: "ada"}, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	n := profilestore.Note{Seen: []identity.Sighting{{Identifier: ada, At: at, Event: "e", Source: "default"}}}
	for i := range 10 {
		n.Traits = append(n.Traits, profilestore.Trait{Of: ada, Name: fmt.Sprint("sent_", i), Value: []byte(`"some value"`), At: at, Event: "e", Source: "default"})
	}
	if err := a.profiles.Note(b.Context(), n); err != nil {
		b.Fatal(err)
	}
	v := profilestore.Save{Now: at}
	for i := range definitions {
		key := fmt.Sprint("computed_", i)
		_, err := a.meta.CreateComputed(b.Context(), metastore.DefaultWorkspace, metastore.Computed{Key: key, Kind: "trait", Name: key, Emit: "none",
			Body: []byte(`{"of":"events","where":["kind:eq:artifact","action:eq:component_shown"],"aggregate":"unique_list","field":"properties.symbol"}`)})
		if err != nil {
			b.Fatal(err)
		}
		if i < 5 {
			v.Outcomes = append(v.Outcomes, profilestore.Outcome{Key: key, Person: "ada", Value: []byte(`["AAPL","MSFT"]`)})
		}
	}
	if _, err := a.profiles.SaveComputed(b.Context(), v); err != nil {
		b.Fatal(err)
	}
}
