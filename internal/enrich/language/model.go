package language

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unicode"
)

// maxLangs is how many languages one model may tell apart.
const maxLangs = 32

// format of the weight file; a reader of another one refuses it.
const format = 1

// Model tells the languages of one script apart: a linear model over hashed n-grams.
type Model struct {
	Langs []string
	Bits  int      // the table has 1<<Bits rows
	Scale float32  // what one step of a weight is worth in log odds
	W     []uint8  // rows × languages, 128 is zero
	lanes []uint64 // W spread out, four languages a word, so that one addition serves four
	width int      // words a row
}

// spread prepares a model for Sum.
func (m *Model) spread() {
	m.width = (len(m.Langs) + 3) / 4
	m.lanes = make([]uint64, (1<<m.Bits)*m.width)
	for row := range 1 << m.Bits {
		for l := range m.Langs {
			m.lanes[row*m.width+l/4] |= uint64(m.W[row*len(m.Langs)+l]) << (16 * (l % 4))
		}
	}
}

// Sum adds up the weights of a text's n-grams, those of words in the given script only, and says how many.
func (m *Model) Sum(text string, s script, sum *[maxLangs]int32) int {
	var acc [maxLangs / 4]uint64
	pending, total := 0, 0
	flush := func() {
		for l := range m.Langs {
			sum[l] += int32(acc[l/4]>>(16*(l%4))&0xFFFF) - 128*int32(pending)
		}
		acc = [maxLangs / 4]uint64{}
		total += pending
		pending = 0
	}
	var buf [maxWord + 2]rune
	var keys [maxKeys]uint32
	for word := range words(text, MaxLetters) {
		w, ws := fold(word, &buf)
		if ws != s {
			continue
		}
		n := ngrams(w, &keys)
		if pending+n > 256 { // 256 × 255 still fits 16 bits
			flush()
		}
		for _, k := range keys[:n] {
			row := m.lanes[int(k>>(32-m.Bits))*m.width:][:m.width]
			for i, v := range row {
				acc[i&(maxLangs/4-1)] += v
			}
		}
		pending += n
	}
	flush()
	return total
}

const (
	maxWord = 24            // runes of a word that are looked at
	maxKeys = 4*maxWord + 2 // n-grams of a word: 1 to 4 runes, and the word
)

// fold puts the word in lower case between two marks of its ends, and says its script (that of its first letter).
func fold(word string, buf *[maxWord + 2]rune) ([]rune, script) {
	n := 1
	s := scriptNone
	buf[0] = ' '
	for _, r := range word {
		if n > maxWord {
			break
		}
		switch {
		case r < 0x80:
			if r >= 'A' && r <= 'Z' {
				r |= 0x20
			}
		default:
			r = unicode.ToLower(r)
		}
		if s == scriptNone {
			s = scriptOf(r)
		}
		buf[n] = r
		n++
	}
	buf[n] = ' '
	return buf[:n+1], s
}

// ngrams hashes the n-grams of one folded word: 1 to 4 runes within its marks, and the whole.
func ngrams(w []rune, keys *[maxKeys]uint32) int {
	n := 0
	for i := range w {
		h := uint32(2166136261)
		for j := i; j < len(w) && j < i+4; j++ {
			h = (h ^ uint32(w[j])) * 16777619
			if j == i && w[i] == ' ' || n == maxKeys-1 {
				continue
			}
			keys[n] = mix(h + uint32(j-i)*0x9E3779B9)
			n++
		}
	}
	h := uint32(0x811C9DC5) ^ 0xABCD1234
	for _, r := range w {
		h = (h ^ uint32(r)) * 16777619
	}
	keys[n] = mix(h)
	return n + 1
}

// mix is the end of MurmurHash3's 32-bit finaliser: the upper bits depend on all.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	h *= 0xC2B2AE35
	return h ^ h>>16
}

// Features calls yield with the hash of each feature of the text, for the training program; script as in Families.
func Features(text string, family int, yield func(uint32)) {
	var buf [maxWord + 2]rune
	var keys [maxKeys]uint32
	for word := range words(text, MaxLetters) {
		if w, s := fold(word, &buf); s == scriptLatin+script(family) {
			for _, k := range keys[:ngrams(w, &keys)] {
				yield(k)
			}
		}
	}
}

// Families are the languages of each model, in the order of the weight file: Latin, Cyrillic, Arabic, Devanagari.
var Families = [familyCount][]string{
	{"af", "ca", "cs", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "nb", "nl", "pl", "pt", "sk", "sl", "sv", "sw", "tl", "tr", "vi"},
	{"bg", "ru", "uk"},
	{"ar", "fa", "ur"},
	{"hi", "mr"},
}

// Assemble makes a detector of one model for each of Families.
func Assemble(models [familyCount]*Model) *Detector {
	for _, m := range models {
		m.spread()
	}
	return &Detector{models}
}

// Write gives the weight file: gzip of, for each family, bits, scale and the table.
func (d *Detector) Write(w io.Writer) error {
	z, _ := gzip.NewWriterLevel(w, gzip.BestCompression)
	z.Write([]byte{format})
	for _, m := range d.families {
		var head [8]byte
		binary.LittleEndian.PutUint32(head[:], uint32(m.Bits))
		binary.LittleEndian.PutUint32(head[4:], math.Float32bits(m.Scale))
		z.Write(head[:])
		z.Write(m.W)
	}
	return z.Close()
}

// Read opens a weight file. It refuses one of another format or length.
func Read(file []byte) (*Detector, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(z, 32<<20))
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if len(data) == 0 || data[0] != format {
		return nil, fmt.Errorf("weights: not of format %d", format)
	}
	data = data[1:]
	var models [familyCount]*Model
	for i := range models {
		if len(data) < 8 {
			return nil, fmt.Errorf("weights: family %d: cut off", i)
		}
		m := &Model{Langs: Families[i], Bits: int(binary.LittleEndian.Uint32(data)), Scale: math.Float32frombits(binary.LittleEndian.Uint32(data[4:]))}
		data = data[8:]
		if m.Bits > 20 || len(data) < len(m.Langs)<<m.Bits {
			return nil, fmt.Errorf("weights: family %d: cut off", i)
		}
		m.W, data = data[:len(m.Langs)<<m.Bits], data[len(m.Langs)<<m.Bits:]
		models[i] = m
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("weights: %d bytes too many", len(data))
	}
	return Assemble(models), nil
}
