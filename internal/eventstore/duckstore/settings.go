package duckstore

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
)

// settings are DuckDB's, in one place. Every connection of the process must name the same.
func (c *Config) settings() map[string]string {
	return map[string]string{
		"duckdb_api": "go",
		// The newest storage format: a tenth smaller than the default, which is the oldest.
		"storage_compatibility_version": "v1.5.0",
		// Commits wait while a checkpoint runs: about half a second for this much. With the default of
		// 16 MB there are so many that small commits fall to a third; with 512 MB they wait for seconds,
		// and so does a recovery, which reads the log again.
		"checkpoint_threshold": "128MB",
		// Queries spill to disk beyond it, rather than have the process killed.
		"memory_limit": fmt.Sprintf("%dMB", c.MemoryLimit>>20),
		"threads":      fmt.Sprint(c.Threads),
		// No question relies on the order of insertion; every ordered one says so.
		"preserve_insertion_order": "false",
		// Nothing is loaded from outside, and no query reaches the network or another file by name.
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"temp_directory":               c.Dir + "/tmp",
	}
}

// dsn is path and settings as the driver wants them.
func dsn(path string, settings map[string]string) string {
	q := url.Values{}
	for name, value := range settings {
		q.Set(name, value)
	}
	return path + "?" + q.Encode()
}

const (
	minMemory      = 512 << 20
	fallbackMemory = 1 << 30
)

// defaultMemory is a quarter of the machine's memory, at least 512 MB; where that cannot be read, 1 GB.
func defaultMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return fallbackMemory
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if rest, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				return max(kib<<10/4, minMemory)
			}
		}
	}
	return fallbackMemory
}

func defaultThreads() int { return max(runtime.GOMAXPROCS(0), 1) }
