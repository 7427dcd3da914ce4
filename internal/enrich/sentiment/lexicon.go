package sentiment

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// Lexicon says how pleasant words are, by their hash (see words.Hash).
type Lexicon struct {
	mask  uint32
	slots []slot
}

type slot struct {
	hash    uint32
	valence int8 // in Step; 0 is an empty slot
	derived bool
}

// Step is one unit of a stored valence: valences are -4..4.
const Step = 4.0 / 127

// Entry is a word of the lexicon.
type Entry struct {
	Hash    uint32
	Valence float64 // -4..4
	// Derived says that nobody rated the word: it stands near rated ones in the space of word vectors.
	Derived bool
}

// Build makes a lexicon of entries; of several for a word the first counts.
func Build(entries []Entry) *Lexicon {
	size := 16
	for size < 2*len(entries) {
		size *= 2
	}
	l := &Lexicon{uint32(size - 1), make([]slot, size)}
	for _, e := range entries {
		v := int8(max(-127, min(127, e.Valence/Step)))
		if v == 0 {
			continue
		}
		at := e.Hash & l.mask
		for l.slots[at].valence != 0 && l.slots[at].hash != e.Hash {
			at = (at + 1) & l.mask
		}
		if l.slots[at].valence == 0 {
			l.slots[at] = slot{e.Hash, v, e.Derived}
		}
	}
	return l
}

// Valence is that of a word, 0 if it is in no list.
func (l *Lexicon) Valence(hash uint32) (valence float32, derived bool) {
	for at := hash & l.mask; ; at = (at + 1) & l.mask {
		s := l.slots[at]
		if s.valence == 0 {
			return 0, false
		}
		if s.hash == hash {
			return float32(s.valence) * Step, s.derived
		}
	}
}

// Write stores the lexicon: six bytes a word, in order of hashes.
func (l *Lexicon) Write(w io.Writer) error {
	var all []slot
	for _, s := range l.slots {
		if s.valence != 0 {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b slot) int { return int(int64(a.hash) - int64(b.hash)) })
	var out []byte
	for _, s := range all {
		out = binary.LittleEndian.AppendUint32(out, s.hash)
		out = append(out, byte(s.valence), 0)
		if s.derived {
			out[len(out)-1] = 1
		}
	}
	_, err := w.Write(out)
	return err
}

// ReadLexicon is the reverse of Write.
func ReadLexicon(file []byte) (*Lexicon, error) {
	if len(file)%6 != 0 {
		return nil, fmt.Errorf("lexicon: %d bytes are no whole number of words", len(file))
	}
	var entries []Entry
	for ; len(file) > 0; file = file[6:] {
		entries = append(entries, Entry{binary.LittleEndian.Uint32(file), float64(int8(file[4])) * Step, file[5] == 1})
	}
	return Build(entries), nil
}
