package duckstore

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
)

// boneList is the bones of a conversation in order, as bytes: a third of the memory that structs would
// take, and nothing for the garbage collector to follow. Bones are read rarely, when an event is late.
type boneList struct {
	data []byte
	n    int
	last bone // for what the next one shares with it
}

// strings are the fields that neighbours tend to share.
func (b *bone) strings() [16]*string {
	return [...]*string{&b.source, &b.userID, &b.anonymousID, &b.sessionID, &b.groupID, &b.agentID, &b.mode,
		&b.channel, &b.locale, &b.title, &b.reason, &b.role, &b.action, &b.workspace, (*string)(&b.kind), &b.model}
}

// push adds the next bone.
func (l *boneList) push(b *bone) {
	var same uint64
	mine, before := b.strings(), l.last.strings()
	for i := range mine {
		if *mine[i] == *before[i] {
			same |= 1 << i
		}
	}
	if l.data == nil {
		l.data = make([]byte, 0, 1024)
	}
	l.data = binary.AppendUvarint(l.data, same)
	l.text(b.id)
	for i := range mine {
		if same&(1<<i) == 0 {
			l.text(*mine[i])
		}
	}
	l.data = binary.AppendVarint(l.data, b.occurredAt-l.last.occurredAt)
	l.data = binary.AppendVarint(l.data, b.originalAt-l.last.originalAt)
	l.data = binary.AppendVarint(l.data, b.requestSeq-l.last.requestSeq)
	l.data = binary.AppendVarint(l.data, b.batchIndex)
	l.text(b.preview)
	l.data = append(l.data, flag(b.hasScore)|flag(b.hasReported)<<1|flag(b.hasInput)<<2|flag(b.hasOutput)<<3|
		flag(b.hasCost)<<4|flag(b.countsUsage)<<5|flag(b.toolFailed)<<6)
	if b.hasScore {
		l.data = binary.LittleEndian.AppendUint64(l.data, math.Float64bits(b.score))
	}
	if b.hasReported {
		l.data = binary.AppendVarint(l.data, b.reported)
	}
	if b.hasInput {
		l.data = binary.AppendVarint(l.data, b.inputTokens)
	}
	if b.hasOutput {
		l.data = binary.AppendVarint(l.data, b.outputTokens)
	}
	if b.hasCost {
		l.data = binary.LittleEndian.AppendUint64(l.data, math.Float64bits(b.cost))
	}
	l.n++
	l.last = *b
}

func (l *boneList) text(s string) {
	l.data = append(binary.AppendUvarint(l.data, uint64(len(s))), s...)
}

// insert puts bones where they belong; it sorts them.
func (l *boneList) insert(late []bone) {
	if len(late) == 0 {
		return
	}
	slices.SortFunc(late, func(a, b bone) int {
		switch {
		case a.before(&b):
			return -1
		case b.before(&a):
			return 1
		}
		return 0
	})
	var out boneList
	for x := range l.all() {
		for len(late) > 0 && late[0].before(x) {
			out.push(&late[0])
			late = late[1:]
		}
		out.push(x)
	}
	for i := range late {
		out.push(&late[i])
	}
	*l = out
}

// remove takes the bones with some ids out, and returns how many those were.
func (l *boneList) remove(ids map[string]bool) int {
	var out boneList
	for x := range l.all() {
		if !ids[x.id] {
			out.push(x)
		}
	}
	gone := l.n - out.n
	*l = out
	return gone
}

// all iterates over the bones; each has its own memory.
func (l *boneList) all() iter.Seq[*bone] {
	return func(yield func(*bone) bool) {
		r := boneReader(l.data)
		var before bone
		for len(r) > 0 {
			b := r.next(&before)
			before = *b
			if !yield(b) {
				return
			}
		}
	}
}

type boneReader []byte

func (r *boneReader) next(before *bone) *bone {
	b := &bone{}
	same := r.uvarint()
	b.id = r.text()
	mine, theirs := b.strings(), before.strings()
	for i := range mine {
		if same&(1<<i) != 0 {
			*mine[i] = *theirs[i]
		} else {
			*mine[i] = r.text()
		}
	}
	b.occurredAt = before.occurredAt + r.varint()
	b.originalAt = before.originalAt + r.varint()
	b.requestSeq = before.requestSeq + r.varint()
	b.batchIndex = r.varint()
	b.preview = r.text()
	flags := (*r)[0]
	*r = (*r)[1:]
	if flags&1 != 0 {
		b.score, b.hasScore = r.float(), true
	}
	if flags&2 != 0 {
		b.reported, b.hasReported = r.varint(), true
	}
	if flags&4 != 0 {
		b.inputTokens, b.hasInput = r.varint(), true
	}
	if flags&8 != 0 {
		b.outputTokens, b.hasOutput = r.varint(), true
	}
	if flags&16 != 0 {
		b.cost, b.hasCost = r.float(), true
	}
	b.countsUsage, b.toolFailed = flags&32 != 0, flags&64 != 0
	return b
}

func (r *boneReader) uvarint() uint64 {
	v, n := binary.Uvarint(*r)
	*r = (*r)[n:]
	return v
}

func (r *boneReader) varint() int64 {
	v, n := binary.Varint(*r)
	*r = (*r)[n:]
	return v
}

func (r *boneReader) float() float64 {
	v := math.Float64frombits(binary.LittleEndian.Uint64(*r))
	*r = (*r)[8:]
	return v
}

func (r *boneReader) text() string {
	n := r.uvarint()
	s := string((*r)[:n])
	*r = (*r)[n:]
	return s
}
