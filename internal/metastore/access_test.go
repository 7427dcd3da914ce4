package metastore

import (
	"errors"
	"testing"
	"time"
)

func TestLoginLinkWorksOnceAndMakesTheFirstOwner(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	link := func() string {
		t.Helper()
		l, err := s.CreateLoginLink(ctx, "", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first, second, late := link(), link(), link()
	session, err := s.UseLoginLink(ctx, first)
	if err != nil {
		t.Fatal(err)
	}
	ada, err := s.SessionMember(ctx, session)
	if err != nil || ada.Role != Owner {
		t.Fatalf("member %+v, %v; want an owner", ada, err)
	}
	if _, err := s.UseLoginLink(ctx, first); !errors.Is(err, ErrNotFound) {
		t.Errorf("second use: %v, want ErrNotFound", err)
	}
	session, err = s.UseLoginLink(ctx, second)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := s.SessionMember(ctx, session); again.ID != ada.ID {
		t.Errorf("another link logged in %q, want the same owner %q", again.ID, ada.ID)
	}
	clock.advance(time.Hour)
	if _, err := s.UseLoginLink(ctx, late); !errors.Is(err, ErrNotFound) {
		t.Errorf("expired link: %v, want ErrNotFound", err)
	}
}

func TestSessionsLiveWhileUsed(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	m, err := s.CreateMember(ctx, "ada@example.com", "Ada", Viewer)
	if err != nil {
		t.Fatal(err)
	}
	used, err1 := s.CreateSession(ctx, m.ID)
	idle, err2 := s.CreateSession(ctx, m.ID)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	clock.advance(SessionLife - time.Hour)
	if _, err := s.SessionMember(ctx, used); err != nil {
		t.Fatal(err)
	}
	clock.advance(2 * time.Hour)
	if _, err := s.SessionMember(ctx, used); err != nil {
		t.Errorf("a session in use ended: %v", err)
	}
	if _, err := s.SessionMember(ctx, idle); !errors.Is(err, ErrNotFound) {
		t.Errorf("idle session: %v, want ErrNotFound", err)
	}
	if err := s.EndSession(ctx, used); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SessionMember(ctx, used); !errors.Is(err, ErrNotFound) {
		t.Errorf("ended session: %v, want ErrNotFound", err)
	}
}

func TestSetPasswordEndsOtherSessions(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	m, err := s.CreateMember(ctx, "", "Ada", Owner)
	if err != nil {
		t.Fatal(err)
	}
	mine, err1 := s.CreateSession(ctx, m.ID)
	other, err2 := s.CreateSession(ctx, m.ID)
	if err := errors.Join(err1, err2, s.SetPassword(ctx, m.ID, "Ada@Example.com", "Ada L", "a hash", mine)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SessionMember(ctx, mine); err != nil {
		t.Errorf("the session that set it ended: %v", err)
	}
	if _, err := s.SessionMember(ctx, other); !errors.Is(err, ErrNotFound) {
		t.Errorf("another session: %v, want ErrNotFound", err)
	}
	got, err := s.MemberByEmail(ctx, "ada@example.COM")
	if err != nil || got.PasswordHash != "a hash" || got.Name != "Ada L" {
		t.Errorf("by email: %+v, %v", got, err)
	}
	if _, err := s.CreateMember(ctx, "ADA@example.com", "Eve", Viewer); !errors.Is(err, ErrExists) {
		t.Errorf("taken email: %v, want ErrExists", err)
	}
	if _, err := s.MemberByEmail(ctx, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("no email: %v, want ErrNotFound", err)
	}
}

func TestTokensExpireAndAreRevoked(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	tok, secret, err := s.CreateToken(ctx, NewToken{Name: "ci", Role: Viewer, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.UseToken(ctx, secret); err != nil || got.ID != tok.ID || !got.LastUsedAt.Equal(clock.t) {
		t.Errorf("use: %+v, %v", got, err)
	}
	if _, err := s.UseToken(ctx, secret+"x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("wrong secret: %v, want ErrNotFound", err)
	}
	lasting, keep, err := s.CreateToken(ctx, NewToken{Name: "own", Role: Owner, Secret: "chosen-by-the-operator"})
	if err != nil || keep != "chosen-by-the-operator" {
		t.Fatal(keep, err)
	}
	clock.advance(time.Hour)
	if _, err := s.UseToken(ctx, secret); !errors.Is(err, ErrNotFound) {
		t.Errorf("expired: %v, want ErrNotFound", err)
	}
	all, err := s.Tokens(ctx)
	if err != nil || len(all) != 1 || all[0].Hint != "ator" {
		t.Errorf("tokens %+v, %v; want the lasting one", all, err)
	}
	if err := s.DeleteToken(ctx, lasting.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UseToken(ctx, keep); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked: %v, want ErrNotFound", err)
	}
	if err := s.DeleteToken(ctx, lasting.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked twice: %v, want ErrNotFound", err)
	}
}

func TestMembersAreRemovedWithTheirSessionsButTheLastOwner(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	owner, err1 := s.CreateMember(ctx, "ada@example.com", "Ada", Owner)
	viewer, err2 := s.CreateMember(ctx, "bob@example.com", "Bob", Viewer)
	session, err3 := s.CreateSession(ctx, viewer.ID)
	link, err4 := s.CreateLoginLink(ctx, viewer.ID, time.Hour)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMember(ctx, owner.ID); !errors.Is(err, ErrInvalid) {
		t.Errorf("last owner: %v, want ErrInvalid", err)
	}
	if err := s.DeleteMember(ctx, viewer.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SessionMember(ctx, session); !errors.Is(err, ErrNotFound) {
		t.Errorf("session of a removed member: %v", err)
	}
	if _, err := s.UseLoginLink(ctx, link); !errors.Is(err, ErrNotFound) {
		t.Errorf("login link of a removed member: %v", err)
	}
	if err := s.DeleteMember(ctx, viewer.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}
