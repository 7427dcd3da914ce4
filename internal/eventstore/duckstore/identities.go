package duckstore

import (
	"hash/maphash"

	"github.com/debrief-dev/debrief/internal/event"
)

// pair is the two ids that a row may carry.
type pair struct{ user, anonymous string }

// identities is what the writer knows to be in table identities, so that it appends only what is new:
// pairs, by hash, with the earliest time of a tracked row. The table may hold a pair several times;
// the earliest time counts. So forgetting is harmless, and so is a repetition.
type identities struct {
	seed  maphash.Seed
	known map[[2]uint64]int64 // micros of the first tracked row; noTime for none yet
	// added since the last commit.
	added []identity
}

type identity struct {
	pair
	first int64
}

const (
	maxIdentities = 1 << 19
	noTime        = 1<<63 - 1
)

func newIdentities() *identities {
	return &identities{seed: maphash.MakeSeed(), known: map[[2]uint64]int64{}}
}

func (i *identities) key(p pair) [2]uint64 {
	return [2]uint64{maphash.String(i.seed, p.user), maphash.String(i.seed, p.anonymous)}
}

// see notes a row that will be stored.
func (i *identities) see(e *event.Event) {
	p := pair{e.UserID, e.AnonymousID}
	first := int64(noTime)
	if e.Tracked() {
		first = e.OccurredAt.UnixMicro()
	} else if p.user == "" || p.anonymous == "" {
		return // says nothing
	}
	if p.user == "" && p.anonymous == "" {
		return
	}
	k := i.key(p)
	if known, ok := i.known[k]; ok && known <= first {
		return
	}
	if len(i.known) >= maxIdentities {
		clear(i.known)
	}
	i.known[k] = first
	i.added = append(i.added, identity{p, first})
}

// store appends what was added since the last commit.
func (i *identities) store(n *native) error {
	if len(i.added) == 0 {
		return nil
	}
	a, err := n.newAppender("identities", smallArena)
	if err != nil {
		return err
	}
	defer a.close()
	for _, x := range i.added {
		a.text(0, x.user)
		a.text(1, x.anonymous)
		if x.first != noTime {
			a.int64(2, x.first)
		}
		if err := a.next(); err != nil {
			return err
		}
	}
	return a.flush()
}

func (i *identities) committed() { i.added = i.added[:0] }

func (i *identities) rolledBack() {
	for _, x := range i.added {
		delete(i.known, i.key(x.pair))
	}
	i.added = i.added[:0]
}

// forget makes the pair new again, since its rows in the table were removed.
func (i *identities) forget(p pair) { delete(i.known, i.key(p)) }
