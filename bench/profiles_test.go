package bench

import (
	"path/filepath"
	"testing"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// People are written past the profile store: what it reads is what was meant.
func TestProfilesAreFilledAsTheStoreReadsThem(t *testing.T) {
	ctx, path, people := t.Context(), filepath.Join(t.TempDir(), "profiles.sqlite"), 20
	if err := fillProfiles(ctx, path, people); err != nil {
		t.Fatal(err)
	}
	s, err := profilestore.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range people {
		user := identity.Identifier{Type: identity.User, Value: userID(i)}
		device := identity.Identifier{Type: identity.Anonymous, Value: anonymousID(i)}
		for _, id := range []identity.Identifier{user, device} {
			sub, err := s.Find(ctx, id)
			if err != nil || sub.Person != user.Value {
				t.Fatalf("%v: %+v, %v; want the person %s", id, sub, err, user.Value)
			}
			traits, err := s.TraitsOf(ctx, sub)
			if err != nil || len(traits) != 10 {
				t.Fatalf("%v: %d traits, %v; want 10", id, len(traits), err)
			}
		}
		l, err := s.Load(ctx, []identity.Identifier{device}, 9)
		if err != nil || len(l.Claims) != 1 || l.Claims[0].Basis != identity.ByCall {
			t.Fatalf("%v: claims %+v, %v; want one", device, l.Claims, err)
		}
	}
}
