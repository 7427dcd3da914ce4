package duckstore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func openRaw(t *testing.T) *rawDir {
	t.Helper()
	d, err := openRawDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func readRaw(t *testing.T, d *rawDir, m month, l locator) ([]byte, error) {
	t.Helper()
	r := d.reader()
	defer r.close()
	return r.read(m, l)
}

// Calls are read back by their locators, whatever their sizes, the months they are of, the writes that were
// given up in between, and what was read before; and locators grow.
func TestRawCallsComeBack(t *testing.T) {
	d := openRaw(t)
	rnd := rand.New(rand.NewPCG(1, 1))
	type stored struct {
		m    month
		call []byte
	}
	want, pending := map[locator]stored{}, map[locator]stored{}
	last := map[month]locator{}
	for i := range 20_000 {
		call := bytes.Repeat([]byte(fmt.Sprint(i, ",")), rnd.IntN(30))
		if rnd.IntN(500) == 0 {
			call = bytes.Repeat(call, 3000)
		}
		m := month(24000 + rnd.IntN(2))
		l, err := d.add(m, call)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := last[m]; ok && l <= before {
			t.Fatalf("locator %d after %d", l, before)
		}
		last[m] = l
		pending[l|locator(m)<<50] = stored{m, call}
		switch rnd.IntN(300) {
		case 0:
			if err := d.forget(); err != nil {
				t.Fatal(err)
			}
			clear(pending)
			clear(last)
		case 1, 2:
			if err := d.sync(); err != nil {
				t.Fatal(err)
			}
			for l, s := range pending {
				want[l] = s
			}
			clear(pending)
		}
	}
	one := d.reader() // of all calls, in no order
	defer one.close()
	for l, s := range want {
		got, err := readRaw(t, d, s.m, l&(1<<50-1))
		if err != nil {
			t.Fatal(err)
		}
		again, err := one.read(s.m, l&(1<<50-1))
		if err != nil || !bytes.Equal(again, got) {
			t.Fatalf("call at %d, of a reader of many: got %.40q (%v), want %.40q", l, again, err, got)
		}
		if !bytes.Equal(got, s.call) {
			t.Fatalf("call at %d: got %.40q (%d bytes), want %.40q (%d bytes)", l, got, len(got), s.call, len(s.call))
		}
	}
}

// A damaged file gives an error, or the call as it was: nothing else, whatever byte is changed.
func TestRawDamageIsNoticed(t *testing.T) {
	d := openRaw(t)
	var locators []locator
	call := func(i int) []byte {
		return fmt.Appendf(nil, `{"call":%d,"text":"some text that repeats, some text"}`, i)
	}
	for i := range 40 {
		l, err := d.add(24000, call(i))
		if err != nil {
			t.Fatal(err)
		}
		locators = append(locators, l)
	}
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(d.path(24000))
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x41
		if err := os.WriteFile(d.path(24000), damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := readRaw(t, d, 24000, locators[at%40])
		if err != nil {
			noticed++
		} else if !bytes.Equal(got, call(at%40)) {
			t.Fatalf("byte %d changed: got %q without an error", at, got)
		}
	}
	if noticed < len(whole)*9/10 {
		t.Errorf("of %d changed bytes %d were noticed", len(whole), noticed)
	}
}

// Blocks of the other codec are read.
func TestRawReadsZstd(t *testing.T) {
	d := openRaw(t)
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := []byte("\x05\x00\x00\x00hello")
	got, err := d.decode(rawZstd, e.EncodeAll(whole, nil), uint32(len(whole)))
	if err != nil || !bytes.Equal(got, whole) {
		t.Errorf("got %q (%v)", got, err)
	}
}

// A reader does not read the blocks again that it read last, however their calls are asked for by turns.
func TestRawReaderKeepsBlocks(t *testing.T) {
	d := openRaw(t)
	call := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, rawBlock/4) }
	var at []locator
	for i := range 5 * maxHeldBlocks {
		l, err := d.add(24000, call(i))
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, l)
	}
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	r := d.reader()
	defer r.close()
	blocks := map[int64]bool{}
	read := func(i int) error {
		got, err := r.read(24000, at[i])
		if err == nil && !bytes.Equal(got, call(i)) {
			t.Fatalf("call %d is %.20q", i, got)
		}
		offset, _ := at[i].split()
		blocks[offset] = true
		return err
	}
	for i := range at {
		if err := read(i); err != nil {
			t.Fatal(err)
		}
	}
	if len(blocks) <= maxHeldBlocks {
		t.Fatalf("%d blocks are too few to tell", len(blocks))
	}
	if err := os.Truncate(d.path(24000), int64(len(rawMagic))); err != nil {
		t.Fatal(err)
	}
	clear(blocks)
	oldest := r.blocks[maxHeldBlocks-1].offset
	for _, i := range rand.New(rand.NewPCG(2, 2)).Perm(len(at)) {
		if offset, _ := at[i].split(); offset >= oldest {
			if err := read(i); err != nil {
				t.Errorf("call %d of a block that was read lately: %v", i, err)
			}
		}
	}
	if len(blocks) != maxHeldBlocks || read(0) == nil {
		t.Errorf("%d blocks are kept, want %d, and not the first", len(blocks), maxHeldBlocks)
	}
}
