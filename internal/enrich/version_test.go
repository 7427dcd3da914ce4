package enrich

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// weightsOf is the hash of all files of weights that a version reads.
const weightsOf = "5: a757b75700bd60c8b71b858e48d06752a94731ecbdaf5b368f2881683fa1bd1a"

// TestVersionChangesWithWeights: history is analysed again only if the version is another one.
func TestVersionChangesWithWeights(t *testing.T) {
	h := sha256.New()
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		// Those of personal data are for the door, those of topics are no business of these analysers.
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".bin") || strings.HasPrefix(path, "pii") || strings.HasPrefix(path, "topics") {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		h.Write([]byte(filepath.ToSlash(path)))
		h.Write(content)
		return err
	})
	if err != nil || files < 10 {
		t.Fatalf("%d files of weights: %v", files, err)
	}
	version, want, _ := strings.Cut(weightsOf, ": ")
	if got := hex.EncodeToString(h.Sum(nil)); got != want || version != strconv.Itoa(Version) {
		t.Errorf("weights or Version %d changed: raise Version if weights did, and write \"%d: %s\" here, not %q", Version, Version, got, weightsOf)
	}
}
