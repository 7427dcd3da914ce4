// Package evaldata finds the evaluation data that tests read in place: real conversations with ground
// truth, labelled sets, and drivers of real clients. It is for tests only.
//
// The data are not part of the repository. A public clone has none, and tests that need them say so
// and skip; where DEBRIEF_REQUIRE_SHARED=1 is set, as in CI, their absence is a failure.
package evaldata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path returns the path of a file or folder of the evaluation data, below DEBRIEF_SHARED (default: a
// folder "shared" beside the repository).
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("DEBRIEF_SHARED")
	if root == "" {
		_, file, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("DEBRIEF_REQUIRE_SHARED") == "1" {
			t.Fatalf("evaluation data: %v; set DEBRIEF_SHARED to the folder that has them", err)
		}
		t.Skipf("needs the evaluation data (%s); set DEBRIEF_SHARED to the folder that has them", filepath.Join(elem...))
	}
	return path
}
