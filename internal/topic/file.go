package topic

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich/topics"
)

// about is what is remembered beside the model.
type about struct {
	At            time.Time `json:"at"`
	Conversations int64     `json:"conversations"` // with words of a user, when topics were found
	Read          int64     `json:"read"`          // of those, the newest, that were read
	Used          int64     `json:"used"`          // of those, that topics were found in
	TookMS        int64     `json:"took_ms"`
	Written       bool      `json:"written"` // all conversations are assigned
}

// magic is the first line of the file; the number is the version of its format. A line of JSON follows, and
// then the model, in its own format.
const magic = "debrief topic state 1\n"

// load reads the file. If there is none, or none that can be read, topics are found anew.
func (t *Topics) load() error {
	b, err := os.ReadFile(t.config.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read topics: %w", err)
	}
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	line, rest, found := bytes.Cut(rest, []byte("\n"))
	var a about
	if !ok || !found || json.Unmarshal(line, &a) != nil {
		t.config.Logger.Warn("the file of topics is of another version; they are found anew", slog.String("path", t.config.Path))
		return nil
	}
	m, err := topics.Read(bytes.NewReader(rest))
	if err != nil {
		t.config.Logger.Warn("the topic model cannot be read; topics are found anew", slog.String("path", t.config.Path), slog.Any("error", err))
		return nil
	}
	t.model, t.about = m, a
	return nil
}

// store writes the file, all or nothing. mu is held.
func (t *Topics) store() error {
	line, err := json.Marshal(t.about)
	if err != nil {
		return fmt.Errorf("write topics: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(t.config.Path), filepath.Base(t.config.Path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("write topics: %w", err)
	}
	defer os.Remove(f.Name()) // nothing is there once it is renamed
	w := bufio.NewWriter(f)
	_, err = w.WriteString(magic + string(line) + "\n")
	if err == nil {
		err = t.model.Write(w)
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), t.config.Path)
	}
	if err != nil {
		return fmt.Errorf("write topics: %w", err)
	}
	return nil
}
