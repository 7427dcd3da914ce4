package duckstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// A raw file holds the calls of one month's events as they were sent, in blocks that are compressed
// together. It is only ever appended to. docs/formats/raw-file.md describes it.
//
// Blocks are written and synced before the rows that name them are committed, so a row's call is
// always there; blocks of writes that never committed stay behind, unnamed and harmless.
const (
	rawMagic     = "DEBRIEFRAW\x00\x01" // the last two bytes are the format version
	rawBlock     = 256 << 10            // bytes of calls after which a block is closed
	rawEntryBits = 12                   // of a locator: the entry in the block
	rawEntries   = 1 << rawEntryBits
	// A block's header: codec and entries, bytes of payload, bytes of the uncompressed payload, CRC-32C of
	// payload.
	rawHeader = 16
	// Codecs of blocks. zstd makes two thirds of the size at three times the CPU, a fifth of what a whole
	// write costs: it is read, and left to whatever repacks months that are past.
	rawS2   = 1
	rawZstd = 2
	// No call is longer than the door lets through; beyond this a header is taken to be damaged.
	rawMaxBlock = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// locator says where a call is: the offset of its block, and its entry in it. Locators of a month grow
// in the order of writing; a row that was written again without its call has that of the row before.
type locator int64

func (l locator) split() (offset int64, entry int) {
	return int64(l) >> rawEntryBits, int(l & (rawEntries - 1))
}

// rawDir is the raw files of all months.
type rawDir struct {
	dir     string
	decoder *zstd.Decoder
	scratch []byte
	// open files that are being appended to, by month. The writer's alone.
	open map[month]*rawFile
}

type rawFile struct {
	f   *os.File
	end int64 // where the next block goes

	// The block being filled: lengths of its entries, their bytes.
	lengths []uint32
	data    []byte
	written []byte // blocks encoded since the last sync, scratch
}

func openRawDir(dir string) (*rawDir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(rawMaxBlock))
	if err != nil {
		return nil, err
	}
	return &rawDir{dir: dir, decoder: decoder, open: map[month]*rawFile{}}, nil
}

func (d *rawDir) path(m month) string { return filepath.Join(d.dir, m.String()+".raw") }

// maxOpenRaw bounds the files kept open between writes; imports of years touch many.
const maxOpenRaw = 16

// file opens the month's file for appending.
func (d *rawDir) file(m month) (*rawFile, error) {
	if f := d.open[m]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(d.path(m), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end < int64(len(rawMagic)) {
		// New, or cut short while it was being made: nothing can be in it yet.
		end = int64(len(rawMagic))
		if _, err = f.WriteAt([]byte(rawMagic), 0); err == nil {
			err = syncDir(d.dir)
		}
	} else if err == nil {
		err = checkMagic(f)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open raw file %s: %w", d.path(m), err)
	}
	d.open[m] = &rawFile{f: f, end: end}
	return d.open[m], nil
}

func checkMagic(f *os.File) error {
	var head [len(rawMagic)]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return err
	}
	if string(head[:]) != rawMagic {
		return fmt.Errorf("it starts with %q: not a raw file, or of a newer version", head[:])
	}
	return nil
}

// add puts a call into the month's open block and returns where it will be.
func (d *rawDir) add(m month, call []byte) (locator, error) {
	f, err := d.file(m)
	if err != nil {
		return 0, err
	}
	if len(f.lengths) == rawEntries || (len(f.data) > 0 && len(f.data)+len(call) > rawBlock) {
		d.encode(f)
	}
	f.lengths = append(f.lengths, uint32(len(call)))
	f.data = append(f.data, call...)
	offset := f.end + int64(len(f.written))
	return locator(offset<<rawEntryBits | int64(len(f.lengths)-1)), nil
}

// encode closes the file's open block.
func (d *rawDir) encode(f *rawFile) {
	if len(f.lengths) == 0 {
		return
	}
	whole := len(f.lengths)*4 + len(f.data)
	d.scratch = d.scratch[:0]
	for _, n := range f.lengths {
		d.scratch = binary.LittleEndian.AppendUint32(d.scratch, n)
	}
	d.scratch = append(d.scratch, f.data...)
	head := len(f.written)
	f.written = slices.Grow(f.written, rawHeader+s2.MaxEncodedLen(whole))
	payload := s2.Encode(f.written[head+rawHeader:cap(f.written)], d.scratch)
	f.written = f.written[:head+rawHeader+len(payload)]
	h := f.written[head : head+rawHeader]
	binary.LittleEndian.PutUint32(h[0:], rawS2<<24|uint32(len(f.lengths)))
	binary.LittleEndian.PutUint32(h[4:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(h[8:], uint32(whole))
	binary.LittleEndian.PutUint32(h[12:], crc32.Checksum(payload, castagnoli))
	f.lengths, f.data = f.lengths[:0], f.data[:0]
}

// sync makes all calls added since the last sync durable.
func (d *rawDir) sync() error {
	for m, f := range d.open {
		d.encode(f)
		if len(f.written) == 0 {
			continue
		}
		if _, err := f.f.WriteAt(f.written, f.end); err != nil {
			return fmt.Errorf("write raw file %s: %w", d.path(m), err)
		}
		if err := fdatasync(f.f); err != nil {
			return fmt.Errorf("sync raw file %s: %w", d.path(m), err)
		}
		f.end += int64(len(f.written))
		f.written = f.written[:0]
	}
	return d.closeAbove(maxOpenRaw)
}

// forget drops calls that were not synced, and the files' state with them.
func (d *rawDir) forget() error { return d.closeAbove(0) }

func (d *rawDir) closeAbove(n int) error {
	var errs []error
	for m, f := range d.open {
		if len(d.open) <= n {
			break
		}
		errs = append(errs, f.f.Close())
		delete(d.open, m)
	}
	return errors.Join(errs...)
}

func (d *rawDir) close() error {
	d.decoder.Close()
	return d.closeAbove(0)
}

// rawReader reads calls. It keeps the last blocks, since neighbours tend to be asked for together: those of the
// time at which some rows happened, or of the imports that they came in.
type rawReader struct {
	d      *rawDir
	f      *os.File
	month  month
	blocks []heldBlock // the last one asked for first
}

// maxHeldBlocks bounds the blocks that a reader keeps: 8 MB, about.
const maxHeldBlocks = 32

type heldBlock struct {
	offset int64
	starts []uint32 // of the entries in data, and the end of the last
	data   []byte
}

func (d *rawDir) reader() *rawReader { return &rawReader{d: d} }

func (r *rawReader) close() {
	if r.f != nil {
		r.f.Close()
	}
}

// read returns a copy of the call at l, nil if the event had none.
func (r *rawReader) read(m month, l locator) ([]byte, error) {
	offset, entry := l.split()
	if r.f == nil || r.month != m {
		r.close()
		f, err := os.Open(r.d.path(m))
		if err != nil {
			return nil, err
		}
		r.f, r.month, r.blocks = f, m, nil
		if err := checkMagic(f); err != nil {
			return nil, fmt.Errorf("read raw file %s: %w", r.d.path(m), err)
		}
	}
	b, err := r.block(offset)
	if err != nil {
		return nil, fmt.Errorf("read raw file %s at %d: %w", r.d.path(m), offset, err)
	}
	if entry >= len(b.starts)-1 {
		return nil, fmt.Errorf("read raw file %s at %d: no entry %d of %d", r.d.path(m), offset, entry, len(b.starts)-1)
	}
	call := b.data[b.starts[entry]:b.starts[entry+1]]
	if len(call) == 0 {
		return nil, nil
	}
	return append([]byte(nil), call...), nil
}

// block returns the block at an offset, and keeps it.
func (r *rawReader) block(offset int64) (heldBlock, error) {
	i := slices.IndexFunc(r.blocks, func(b heldBlock) bool { return b.offset == offset })
	if i == 0 {
		return r.blocks[0], nil
	}
	var b heldBlock
	if i > 0 {
		b = r.blocks[i]
	} else {
		var err error
		if b, err = r.load(offset); err != nil {
			return b, err
		}
		if len(r.blocks) < maxHeldBlocks {
			r.blocks = append(r.blocks, heldBlock{})
		}
		i = len(r.blocks) - 1
	}
	copy(r.blocks[1:i+1], r.blocks[:i])
	r.blocks[0] = b
	return b, nil
}

func (d *rawDir) decode(codec byte, payload []byte, whole uint32) ([]byte, error) {
	switch codec {
	case rawS2:
		if n, err := s2.DecodedLen(payload); err != nil || n != int(whole) {
			return nil, errors.New("block is damaged: its length differs")
		}
		return s2.Decode(make([]byte, whole), payload)
	case rawZstd:
		return d.decoder.DecodeAll(payload, make([]byte, 0, whole))
	}
	return nil, fmt.Errorf("block has codec %d, which this version does not know", codec)
}

func (r *rawReader) load(offset int64) (heldBlock, error) {
	out := heldBlock{offset: offset, starts: []uint32{0}}
	var h [rawHeader]byte
	if _, err := r.f.ReadAt(h[:], offset); err != nil {
		return out, err
	}
	codec, entries := h[3], binary.LittleEndian.Uint32(h[0:])&0xFFFFFF
	size, whole := binary.LittleEndian.Uint32(h[4:]), binary.LittleEndian.Uint32(h[8:])
	sum := binary.LittleEndian.Uint32(h[12:])
	if size > rawMaxBlock || whole > rawMaxBlock || entries > rawEntries || entries*4 > whole {
		return out, errors.New("block header is damaged")
	}
	payload := make([]byte, size)
	if _, err := r.f.ReadAt(payload, offset+rawHeader); err != nil {
		return out, err
	}
	if crc32.Checksum(payload, castagnoli) != sum {
		return out, errors.New("block is damaged: its checksum differs")
	}
	block, err := r.d.decode(codec, payload, whole)
	if err != nil {
		return out, err
	}
	if len(block) != int(whole) {
		return out, errors.New("block is damaged: its length differs")
	}
	for i := range entries {
		out.starts = append(out.starts, out.starts[i]+binary.LittleEndian.Uint32(block[i*4:]))
	}
	out.data = block[entries*4:]
	if int(out.starts[entries]) != len(out.data) {
		return out, errors.New("block is damaged: entries do not add up")
	}
	return out, nil
}
