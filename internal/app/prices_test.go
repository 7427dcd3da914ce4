package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/price"
)

func TestOperatorsPricesGoOverTheBuiltInOnes(t *testing.T) {
	path := filepath.Join(t.TempDir(), pricesName)
	cost := func(table *price.Table, model string) float64 {
		usd, _ := table.Cost(model, "", time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), price.Tokens{Input: 1_000_000})
		return usd
	}
	table, err := readPrices(path)
	if err != nil || cost(table, "gpt-5-mini") != 0.25 {
		t.Fatalf("without a file gpt-5-mini costs %v, %v", cost(table, "gpt-5-mini"), err)
	}
	if err := os.WriteFile(path, []byte("prices:\n  - {model: gpt-5-mini, input: 7, output: 8}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if table, err = readPrices(path); err != nil || cost(table, "gpt-5-mini") != 7 || cost(table, "gpt-5") != 1.25 {
		t.Errorf("with a file gpt-5-mini costs %v, gpt-5 %v, %v", cost(table, "gpt-5-mini"), cost(table, "gpt-5"), err)
	}
	if err := os.WriteFile(path, []byte("prices: 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = readPrices(path); err == nil || !strings.Contains(err.Error(), pricesName) {
		t.Errorf("a faulty file gives %v", err)
	}
}
