package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// withMetadata opens the metadata of a data directory for f.
func withMetadata(ctx context.Context, dir string, f func(store *metastore.Store) error) error {
	store, err := metastore.Open(ctx, metastore.Config{Path: filepath.Join(dir, metadataName), Existing: true})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no data directory of debrief; name it with --data", dir)
	}
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	return f(store)
}

// LoginLink makes the path of a link that logs a member in once: the one with the email, or the first
// owner with "".
func LoginLink(ctx context.Context, dir, email string) (path string, err error) {
	err = withMetadata(ctx, dir, func(store *metastore.Store) error {
		member := metastore.Member{}
		if email != "" {
			if member, err = store.MemberByEmail(ctx, email); err != nil {
				return err
			}
		}
		path, err = loginPath(ctx, store, member.ID, linkLife)
		return err
	})
	return path, err
}

func loginPath(ctx context.Context, store *metastore.Store, member string, life time.Duration) (string, error) {
	secret, err := store.CreateLoginLink(ctx, member, life)
	if err != nil {
		return "", err
	}
	return "/login/link?token=" + url.QueryEscape(secret), nil
}

// CommandToken makes a token that may do everything, for a few minutes: for commands that are given none.
func CommandToken(ctx context.Context, dir string) (secret string, err error) {
	err = withMetadata(ctx, dir, func(store *metastore.Store) error {
		_, secret, err = store.CreateToken(ctx, metastore.NewToken{Name: "command line", Role: metastore.Owner, Life: commandTokenLife})
		return err
	})
	return secret, err
}

// Member is a person who may log in.
type Member struct {
	Email, Name, Role string
	HasPassword       bool
}

// Members returns the members of a data directory, the oldest first.
func Members(ctx context.Context, dir string) (members []Member, err error) {
	err = withMetadata(ctx, dir, func(store *metastore.Store) error {
		all, err := store.Members(ctx)
		for _, m := range all {
			members = append(members, Member{m.Email, m.Name, string(m.Role), m.PasswordHash != ""})
		}
		return err
	})
	return members, err
}

// AddMember adds a member and returns the path of the link for the first login.
func AddMember(ctx context.Context, dir string, m Member) (path string, err error) {
	if m.Email == "" {
		return "", errors.New("a member needs an email")
	}
	err = withMetadata(ctx, dir, func(store *metastore.Store) error {
		added, err := store.CreateMember(ctx, m.Email, m.Name, metastore.Role(m.Role))
		if err != nil {
			return err
		}
		path, err = loginPath(ctx, store, added.ID, firstLinkLife)
		return err
	})
	return path, err
}

// RemoveMember removes the member with an email, who is logged out at once.
func RemoveMember(ctx context.Context, dir, email string) error {
	return withMetadata(ctx, dir, func(store *metastore.Store) error {
		m, err := store.MemberByEmail(ctx, email)
		if err != nil {
			return err
		}
		return store.DeleteMember(ctx, m.ID)
	})
}
