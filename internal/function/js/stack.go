package js

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The engine is QuickJS-NG's own build for WASI. It comes with a stack of 64 KiB that lies directly above its
// data, and without the engine's check of the stack, which that platform turns off: a recursion of a few
// hundred calls would write over the engine's data, in silence. So two things are changed. The program's
// header asks for a stack of stackBytes, in pages that the allocator does not know; and when the
// engine has started, its own limit is switched on, so that deep recursion is the RangeError that people know.
const (
	page       = 64 << 10
	stackPages = 32
	stackBytes = stackPages * page
	// stackSpare is left for the engine's own C functions once its limit is reached.
	stackSpare = 256 << 10
	// stackMark is the size of stack in KiB that the engine is started with: a number that occurs nowhere
	// else in its memory, next to which its limit is found.
	stackMark = 4242
)

// errBinary says that the engine is not the one that this code knows.
var errBinary = errors.New("the JavaScript engine is of an unknown build")

// withStack returns the program with a larger stack: the memory section asks for stackPages more, and the
// stack pointer, which is the first global, begins at their end. Sections are those of the WebAssembly core
// specification, 5.5.
func withStack(program []byte) ([]byte, error) {
	const memory, global = 5, 6
	out := bytes.Clone(program[:8])
	top, done := uint64(0), 0
	for rest := program[8:]; len(rest) > 0; {
		id := rest[0]
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || uint64(len(rest)-1-n) < size {
			return nil, errBinary
		}
		body := rest[1+n : 1+n+int(size)]
		rest = rest[1+n+int(size):]
		switch id {
		case memory: // one memory, without a maximum
			pages, m := uint64(0), 0
			if len(body) > 2 && body[0] == 1 && body[1] == 0 {
				pages, m = binary.Uvarint(body[2:])
			}
			if m <= 0 || len(body) != 2+m {
				return nil, errBinary
			}
			top = (pages + stackPages) * page
			body = binary.AppendUvarint([]byte{1, 0}, pages+stackPages)
			done++
		case global: // the first is i32, mutable, i32.const N, end
			end := 4
			for end < len(body) && body[end]&0x80 != 0 {
				end++
			}
			end++ // the number's last byte
			if top == 0 || end >= len(body) || body[end] != 0x0b || !bytes.Equal(body[1:4], []byte{0x7f, 1, 0x41}) {
				return nil, errBinary
			}
			body = append(appendSigned([]byte{body[0], 0x7f, 1, 0x41}, int64(top)), body[end:]...)
			done++
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
	}
	if done != 2 {
		return nil, errBinary
	}
	return out, nil
}

// appendSigned appends v in signed LEB128.
func appendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// limitStack switches the engine's check on: it finds the three words stack_size, stack_top and stack_limit
// of its runtime, and sets the last, which is 0 for "none".
func limitStack(memory []byte) error {
	mark := binary.LittleEndian.AppendUint32(nil, stackMark<<10)
	for at := 0; ; at++ {
		i := bytes.Index(memory[at:], mark)
		if i < 0 || at+i+12 > len(memory) {
			return fmt.Errorf("limit its stack: %w", errBinary)
		}
		at += i
		top, limit := binary.LittleEndian.Uint32(memory[at+4:]), memory[at+8:at+12]
		if at%4 == 0 && top > stackBytes && top <= stackBytes+4*page && binary.LittleEndian.Uint32(limit) == 0 {
			binary.LittleEndian.PutUint32(limit, top-stackBytes+stackSpare)
			return nil
		}
	}
}
