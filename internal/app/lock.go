package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrInUse is returned by Start when another process serves the directory.
var ErrInUse = errors.New("data directory is in use")

// ErrNotRunning is returned by Running when no server runs on the directory.
var ErrNotRunning = errors.New("no server is running on this data directory")

const lockName = "debrief.lock"

// directoryLock keeps other processes out of a data directory, and tells them where the server is.
type directoryLock struct{ file *os.File }

// running is what the lock file holds.
type running struct {
	PID int    `json:"pid"`
	URL string `json:"url,omitempty"` // on this machine; empty while starting
}

func lockDirectory(dir string) (*directoryLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	taken, err := lockSoon(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if taken {
		defer func() { _ = f.Close() }()
		var other running
		if err := json.NewDecoder(f).Decode(&other); err != nil {
			return nil, fmt.Errorf("%w: another process serves %s; stop it, or choose another directory with --data", ErrInUse, dir)
		}
		return nil, fmt.Errorf("%w: process %d serves %s; stop it, or choose another directory with --data", ErrInUse, other.PID, dir)
	}
	l := &directoryLock{file: f}
	return l, l.tell("")
}

// lockSoon tries for a moment: Running holds the lock for an instant to find out whether anybody does.
func lockSoon(f *os.File) (taken bool, err error) {
	for range 10 {
		if taken, err = tryLock(f); err != nil || !taken {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return taken, err
}

// tell writes where the server is.
func (l *directoryLock) tell(url string) error {
	text, err := json.Marshal(running{PID: os.Getpid(), URL: url})
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	if err := errors.Join(l.file.Truncate(0), writeAt(l.file, append(text, '\n'))); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}

func writeAt(f *os.File, b []byte) error {
	_, err := f.WriteAt(b, 0)
	return err
}

// release lets others in. The file stays: removing it would let two processes hold different files.
func (l *directoryLock) release() error { return errors.Join(l.file.Truncate(0), l.file.Close()) }

// Running returns the address, on this machine, of the server that runs on a data directory, or
// ErrNotRunning.
func Running(dir string) (string, error) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%w: %s", ErrNotRunning, dir)
	}
	if err != nil {
		return "", fmt.Errorf("find the running server: %w", err)
	}
	defer func() { _ = f.Close() }()
	taken, err := tryLock(f)
	if err != nil {
		return "", fmt.Errorf("find the running server: %w", err)
	}
	var r running
	if !taken || json.NewDecoder(f).Decode(&r) != nil || r.URL == "" {
		return "", fmt.Errorf("%w: %s", ErrNotRunning, dir)
	}
	return r.URL, nil
}
