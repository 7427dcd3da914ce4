package gen

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is generated is reviewed as code: -update rewrites it.
func TestOutputIsAsReviewed(t *testing.T) {
	p := parse(t, shop)
	ts, err := TypeScript(p)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Go(p, "shop")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"shop.ts.golden": ts, "shop.go.golden": text} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got); run with -update if that is meant\n%s", name, diff)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")
