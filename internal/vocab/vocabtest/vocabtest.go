// Package vocabtest holds every vocabulary to the laws of package vocab, and runs their golden files.
// It is for tests only.
//
// A golden file is a txtar archive of cases. The files of a case lie in a folder: call.json is the
// call as logged, want.json the row (without its raw call) and behind it those that the call made beside
// it, and about.json, if it is there, what surrounded the call; see [About].
package vocabtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// About is what surrounds the call of a case. The zero value of a field means its default.
type About struct {
	ID          string         `json:"id"`   // of the event; default: the call's messageId, else one as the door makes
	Type        string         `json:"type"` // default: path, else type, else action, as the door has it
	Path        string         `json:"path"`
	Protocol    string         `json:"protocol"`    // default: segment
	ReceivedAt  time.Time      `json:"received_at"` // default: 2026-11-21T10:00:00Z
	SentAt      time.Time      `json:"sent_at"`     // default: the call's sentAt
	Retried     bool           `json:"retried"`
	BodyChars   int64          `json:"body_chars"`
	BodyHash    string         `json:"body_hash"`
	Repairs     []event.Repair `json:"repairs"`
	RatingScale string         `json:"rating_scale"`
	IDNamespace string         `json:"id_namespace"`
}

// Case is one call with what surrounds it.
type Case struct {
	Name  string // of the file and the case in it
	Call  []byte
	About About
	Want  []byte // nil if the file has none yet
}

// Golden maps every case of dir/*.txtar and compares the rows. With update it writes them instead.
func Golden(t *testing.T, dir string, update bool, vocabularies ...vocab.Vocabulary) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", dir, err)
	}
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases(t, path, archive) {
			t.Run(c.Name, func(t *testing.T) {
				got := Row(t, c, vocabularies...)
				if update {
					setWant(archive, c, got)
				} else if d := cmp.Diff(string(c.Want), string(got)); d != "" {
					t.Errorf("call %s\nwant -, got +:\n%s", c.Call, d)
				}
			})
		}
		if update {
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// setWant puts the row behind the other files of its case.
func setWant(a *txtar.Archive, c Case, row []byte) {
	folder := c.Name[strings.LastIndexByte(c.Name, '/')+1:] + "/"
	at := -1
	for i, f := range a.Files {
		if f.Name == folder+"want.json" {
			a.Files[i].Data = row
			return
		}
		if strings.HasPrefix(f.Name, folder) {
			at = i
		}
	}
	a.Files = slices.Insert(a.Files, at+1, txtar.File{Name: folder + "want.json", Data: row})
}

// Cases reads the cases of dir/*.txtar.
func Cases(t testing.TB, dir string) []Case {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all []Case
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, cases(t, path, archive)...)
	}
	return all
}

func cases(t testing.TB, path string, a *txtar.Archive) []Case {
	t.Helper()
	var out []Case
	at := map[string]int{}
	for _, f := range a.Files {
		folder, name, ok := strings.Cut(f.Name, "/")
		if !ok {
			t.Fatalf("%s: %s lies in no case's folder", path, f.Name)
		}
		i, seen := at[folder]
		if !seen {
			i = len(out)
			at[folder] = i
			out = append(out, Case{Name: strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + folder})
		}
		switch name {
		case "call.json":
			out[i].Call = bytes.TrimSpace(f.Data)
		case "want.json":
			out[i].Want = f.Data
		case "about.json":
			if err := json.Unmarshal(f.Data, &out[i].About); err != nil {
				t.Fatalf("%s: %s: %v", path, f.Name, err)
			}
		default:
			t.Fatalf("%s: %s is no file of a case", path, f.Name)
		}
	}
	return out
}

// Input makes of a case what the pipeline would hand to a mapper.
func (c Case) Input() vocab.Input {
	var call struct {
		Type, Action, MessageID any
		SentAt                  any
	}
	_ = json.Unmarshal(c.Call, &call)
	a := c.About
	str := func(v any) string { s, _ := v.(string); return s }
	or := func(vs ...string) string {
		for _, v := range vs {
			if v != "" {
				return v
			}
		}
		return ""
	}
	if a.ReceivedAt.IsZero() {
		a.ReceivedAt = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	}
	if a.Protocol == "" {
		a.Protocol = "segment"
	}
	if a.SentAt.IsZero() {
		a.SentAt, _ = time.Parse(time.RFC3339Nano, str(call.SentAt))
	}
	return vocab.Input{
		Request: &event.Request{Workspace: "default", Source: "web", Protocol: a.Protocol, ReceivedAt: a.ReceivedAt},
		Seq:     7, Index: 3,
		Source: vocab.Source{RatingScale: a.RatingScale, IDNamespace: a.IDNamespace},
		Raw: &event.Raw{
			ID:   or(a.ID, str(call.MessageID), "019e2c3d-0001-7000-8000-00000000d00r"),
			Type: or(a.Type, a.Path, str(call.Type), str(call.Action), "track"),
			Path: a.Path, SentAt: a.SentAt, Retried: a.Retried,
			BodyChars: a.BodyChars, BodyHash: a.BodyHash, Repairs: a.Repairs,
			JSON: c.Call,
		},
	}
}

// Row maps a case and returns the row as indented JSON, without its raw call, and behind it the rows
// that the call made beside it. Every body has the hash "hashed".
func Row(t testing.TB, c Case, vocabularies ...vocab.Vocabulary) []byte {
	t.Helper()
	var e event.Event
	m := vocab.NewMapper(func(string) string { return "hashed" }, vocabularies...)
	if err := m.Map(c.Input(), &e); err != nil {
		t.Fatalf("map %s: %v", c.Call, err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	e.Raw = nil
	for _, row := range append([]*event.Event{&e}, m.Also()...) {
		if err := enc.Encode(row); err != nil {
			t.Fatalf("row of %s: %v", c.Call, err)
		}
	}
	return out.Bytes()
}
