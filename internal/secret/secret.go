// Package secret encrypts what must not be read from a stolen database or backup: settings of destinations and
// functions. The key lies in a file of its own beside the database (ADR 0015). Only package app imports it.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// format is the first byte of what is sealed: AES-256-GCM, a random nonce of 12 bytes, the sealed text.
const format = 1

var (
	// ErrKey is returned by Open for what was sealed with another key, or changed.
	ErrKey = errors.New("cannot be decrypted with the key in the key file")
	// ErrNoKey is returned by Open when there is no key file.
	ErrNoKey = errors.New("the key file is missing; restore it from its backup, or set the secrets anew")
)

// Box seals and opens texts. Its methods may be called from any goroutine.
type Box struct {
	path string

	mu   sync.Mutex
	aead cipher.AEAD
}

// New returns a box whose key is in the file at path. The file is made by the first Seal, readable by its owner
// alone: 64 hexadecimal digits.
func New(path string) *Box { return &Box{path: path} }

// Seal encrypts a text for a place: what is sealed for one cannot be opened as another's.
func (b *Box) Seal(place string, text []byte) ([]byte, error) {
	aead, err := b.key(true)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	return aead.Seal(append([]byte{format}, nonce...), nonce, text, []byte(place)), nil
}

// Open returns a sealed text, or an error that wraps ErrKey or ErrNoKey.
func (b *Box) Open(place string, sealed []byte) ([]byte, error) {
	aead, err := b.key(false)
	if err != nil {
		return nil, err
	}
	head := 1 + aead.NonceSize()
	if len(sealed) < head || sealed[0] != format {
		return nil, fmt.Errorf("secret of %s: %w", place, ErrKey)
	}
	text, err := aead.Open(nil, sealed[1:head], sealed[head:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("secret of %s: %w", place, ErrKey)
	}
	return text, nil
}

// key reads the key once, making it if there is none and create says so.
func (b *Box) key(create bool) (cipher.AEAD, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.aead != nil {
		return b.aead, nil
	}
	text, err := os.ReadFile(b.path)
	if errors.Is(err, os.ErrNotExist) {
		if !create {
			return nil, ErrNoKey
		}
		text, err = b.make()
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("key file %s does not hold 64 hexadecimal digits", b.path)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use key: %w", err)
	}
	b.aead, err = cipher.NewGCM(block)
	return b.aead, err
}

// make writes a new key durably, and under its name only when it is whole. It never replaces one.
func (b *Box) make() (text []byte, err error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	text = []byte(hex.EncodeToString(key) + "\n")
	partial := b.path + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(partial, b.path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := os.Remove(partial); err != nil {
		return nil, err
	}
	found, err := os.Open(b.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	return io.ReadAll(found)
}
