package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes is a size that is written with a unit: "512KiB", "8MB", "1000".
type Bytes int64

// MarshalText writes the size in the largest unit that divides it.
func (b Bytes) MarshalText() ([]byte, error) {
	for _, u := range []struct {
		name string
		size Bytes
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if b != 0 && b%u.size == 0 {
			return fmt.Appendf(nil, "%d%s", b/u.size, u.name), nil
		}
	}
	return strconv.AppendInt(nil, int64(b), 10), nil
}

// UnmarshalText reads a whole number with an optional unit: B, KB, KiB, MB, MiB, GB or GiB.
func (b *Bytes) UnmarshalText(text []byte) error {
	units := map[string]int64{"": 1, "B": 1, "KB": 1e3, "KIB": 1 << 10, "MB": 1e6, "MIB": 1 << 20, "GB": 1e9, "GIB": 1 << 30}
	s := strings.TrimSpace(string(text))
	digits := strings.TrimRight(s, "BbKkMmGgIi ")
	unit, known := units[strings.ToUpper(strings.TrimSpace(s[len(digits):]))]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size such as 8MiB", s)
	}
	*b = Bytes(n * unit)
	return nil
}
