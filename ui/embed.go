// Package ui holds the built web UI, embedded into the program. It is empty but for a placeholder until
// "make build" has built it; package web then says so. Only app imports it.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built files, index.html at the root.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("BUG: " + err.Error()) // the name is a constant and valid
	}
	return files
}
