package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Parameters of argon2id: the first choice of OWASP's password storage cheat sheet with 19 MiB.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32
)

const (
	minPassword = 10
	maxPassword = 500
)

// hashPassword returns the hash in the usual text form, which names its parameters.
func hashPassword(password string) (string, error) {
	password = norm.NFC.String(password)
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		return "", ErrWeak
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make salt: %w", err)
	}
	return encodeHash(password, salt, argonMemory, argonTime, argonThreads), nil
}

func encodeHash(password string, salt []byte, memory, time uint32, threads uint8) string {
	key := argon2.IDKey([]byte(password), salt, time, memory, threads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, time, threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// checkPassword reports whether a hash is that of a password, with the parameters that the hash names.
// An empty or broken hash is that of none, which takes as long to find out.
func checkPassword(hash, password string) bool {
	password = norm.NFC.String(password[:min(len(password), 4*maxPassword)])
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) == 6 && parts[1] == "argon2id" {
		_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
		_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
		salt, err3 := base64.RawStdEncoding.DecodeString(parts[4])
		if err1 == nil && err2 == nil && err3 == nil && version == argon2.Version && time > 0 && threads > 0 {
			return subtle.ConstantTimeCompare([]byte(encodeHash(password, salt, memory, time, threads)), []byte(hash)) == 1
		}
	}
	encodeHash(password, make([]byte, 16), argonMemory, argonTime, argonThreads)
	return false
}
