// Package browser holds the built browser tag, embedded into the program. It is empty but for a
// placeholder until "make build" has built it; the door that serves the tag then says so. Only app
// imports it.
package browser

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built files: tag.js and its gzipped copy tag.js.gz, if there are any.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("BUG: " + err.Error()) // the name is a constant and valid
	}
	return files
}
