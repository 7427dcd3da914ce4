package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/debrief-dev/debrief/internal/price"
)

// pricesName is the file of a data directory with the operator's prices of models. docs/prices.md
// describes it.
const pricesName = "prices.yaml"

// readPrices returns the prices that come with the program, with those of a file over them, if it is there.
func readPrices(path string) (*price.Table, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return price.Default(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	own, err := price.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read prices %s: %w", path, err)
	}
	return own.Over(price.Default()), nil
}
