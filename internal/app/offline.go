package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// The functions of this file look into a data directory whose server may be running: who can read the
// directory may do everything anyway.

const (
	metadataName = "debrief.sqlite"
	// linkLife is how long a login link works that somebody asks for; that of a first start waits for
	// people to come back from lunch.
	linkLife      = time.Hour
	firstLinkLife = 24 * time.Hour
	// commandTokenLife is how long a command on the server's machine may work with a token of its own.
	commandTokenLife = 10 * time.Minute
)

func openMetadata(ctx context.Context, dir string) (*metastore.Store, error) {
	store, err := metastore.Open(ctx, metastore.Config{Path: filepath.Join(dir, metadataName), Existing: true})
	if errors.Is(err, metastore.ErrMissing) {
		return nil, fmt.Errorf("%s is no data directory of debrief; name it with --data", dir)
	}
	return store, err
}

// LoginLink makes the path of a link that logs a member in once: the one with the email, or the first
// owner with "".
func LoginLink(ctx context.Context, dir, email string) (string, error) {
	store, err := openMetadata(ctx, dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }()
	member := ""
	if email != "" {
		m, err := store.MemberByEmail(ctx, email)
		if err != nil {
			return "", err
		}
		member = m.ID
	}
	return loginPath(ctx, store, member, linkLife)
}

func loginPath(ctx context.Context, store *metastore.Store, member string, life time.Duration) (string, error) {
	secret, err := store.CreateLoginLink(ctx, member, life)
	if err != nil {
		return "", err
	}
	return "/login/link?token=" + url.QueryEscape(secret), nil
}

// CommandToken makes a token that may do everything, for a few minutes: for commands that are given none.
func CommandToken(ctx context.Context, dir string) (string, error) {
	store, err := openMetadata(ctx, dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }()
	_, secret, err := store.CreateToken(ctx, metastore.NewToken{Name: "command line", Role: metastore.Owner, Life: commandTokenLife})
	return secret, err
}
