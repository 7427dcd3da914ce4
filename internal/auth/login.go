package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// Login checks email and password and gives the browser a session. It returns ErrWrong or ErrTooMany.
func (a *Auth) Login(w http.ResponseWriter, r *http.Request, email, password string) error {
	email = strings.TrimSpace(email)
	address, account := "address "+a.ClientIP(r).String(), "account "+strings.ToLower(email)
	if !a.limit.allow(address, addressBurst) || !a.limit.allow(account, accountBurst) {
		return ErrTooMany
	}
	m, err := a.store.MemberByEmail(r.Context(), email)
	if err != nil && !errors.Is(err, metastore.ErrNotFound) {
		return err
	}
	ok, err := a.check(r.Context(), m.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return ErrWrong
	}
	a.limit.forgive(address)
	a.limit.forgive(account)
	secret, err := a.store.CreateSession(r.Context(), m.ID)
	if err != nil {
		return err
	}
	a.setCookie(w, r, secret, int(metastore.SessionLife.Seconds()))
	return nil
}

// check runs checkPassword; few at a time, as each takes much memory.
func (a *Auth) check(ctx context.Context, hash, password string) (bool, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
		return checkPassword(hash, password), nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// LoginByLink uses a login link up and gives the browser a session, or returns ErrLink or ErrTooMany.
func (a *Auth) LoginByLink(w http.ResponseWriter, r *http.Request, link string) error {
	if !a.limit.allow("link "+a.ClientIP(r).String(), addressBurst) {
		return ErrTooMany
	}
	secret, err := a.store.UseLoginLink(r.Context(), link)
	if errors.Is(err, metastore.ErrNotFound) {
		return ErrLink
	}
	if err != nil {
		return err
	}
	a.setCookie(w, r, secret, int(metastore.SessionLife.Seconds()))
	return nil
}

// Logout ends the browser's session.
func (a *Auth) Logout(w http.ResponseWriter, r *http.Request) error {
	secret := session(r)
	a.setCookie(w, r, "", -1)
	if secret == "" {
		return nil
	}
	return a.store.EndSession(r.Context(), secret)
}

// SetPassword sets name, email and password of the member who asks and ends the member's other
// sessions. A member who has a password must say it. It returns ErrWrong, ErrWeak, ErrTooMany or ErrBadAccount.
func (a *Auth) SetPassword(r *http.Request, name, email, old, password string) error {
	p := From(r.Context())
	if p == nil || p.Kind != "member" {
		return errors.New("only a member has a password")
	}
	m, err := a.store.Member(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if m.PasswordHash != "" {
		if !a.limit.allow("account "+strings.ToLower(m.Email), accountBurst) {
			return ErrTooMany
		}
		ok, err := a.check(r.Context(), m.PasswordHash, old)
		if err != nil {
			return err
		}
		if !ok {
			return ErrWrong
		}
	}
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	err = a.store.SetPassword(r.Context(), p.ID, strings.TrimSpace(email), strings.TrimSpace(name), hash, session(r))
	if errors.Is(err, metastore.ErrInvalid) || errors.Is(err, metastore.ErrExists) {
		return fmt.Errorf("%w: %w", ErrBadAccount, err)
	}
	return err
}

// setCookie gives the browser a session, or with a negative age takes it away.
func (a *Auth) setCookie(w http.ResponseWriter, r *http.Request, secret string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: Cookie, Value: secret, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: a.Secure(r),
	})
}
