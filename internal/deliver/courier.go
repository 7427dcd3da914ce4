package deliver

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// courier delivers to one destination. One goroutine, of run, has its state; feeds and sends are goroutines of
// their own that speak with it by channels.
type courier struct {
	config   *Config
	deliver  *Deliver
	id       string
	rules    Rules
	selector *selector
	preparer preparer
	secrets  []string // values that no reason may hold
	sender   destination.Sender
	batch    destination.Batch
	ordered  bool

	chunks  chan *chunk
	results chan *sent
	counts  chan counted
	kicked  chan struct{}
	do      chan func()
	saved   chan *saving

	streams []*stream
	lanes   map[string]*lane
	ready   []*item
	timed   timed
	items   int // in hand
	bytes   int
	sending int             // Sends under way
	flying  int             // items in them
	waiting map[int64]*item // parked, by id
	more    bool            // more wait in the store than were taken in hand
	unpark  []int64
	dead    []*item // given up since progress was stored
	breaker breaker
	health  health
	began   time.Time // of gathering the batch that waits
	stored  time.Time // when progress was
	unsaved bool
	saving  bool // progress is on its way
}

// sent is a batch with what became of it.
type sent struct {
	items   []*item
	results []destination.Result
	dropped []bool // by a function
	took    time.Duration
	cut     bool // it was ended by the end of the courier
}

// courier opens one for a destination.
func (d *Deliver) courier(ctx context.Context, one metastore.Destination) (*courier, error) {
	settings, rules, err := d.Settings(one)
	if err != nil {
		return nil, err
	}
	kind := d.kinds[one.Kind]
	spec := kind.Spec()
	c := &courier{
		config: &d.config, deliver: d, id: one.ID, rules: rules, selector: newSelector(&spec, one.ID, one.Name, rules.Filter), ordered: spec.Ordered,
		secrets: secretsOf(&spec, settings), chunks: make(chan *chunk), counts: make(chan counted), kicked: make(chan struct{}, 1), do: make(chan func()), saved: make(chan *saving, 1),
		lanes: map[string]*lane{}, waiting: map[int64]*item{},
	}
	if c.preparer, err = d.preparer(&spec, &rules); err != nil {
		return nil, err
	}
	if c.sender, err = kind.Open(settings, d.env(one.ID)); err != nil {
		return nil, err
	}
	c.batch = c.sender.Batch()
	c.batch.Messages = cmp.Or(c.batch.Messages, 1)
	c.batch.Bytes = cmp.Or(c.batch.Bytes, 1<<20)
	c.batch.Parallel = cmp.Or(c.batch.Parallel, 1)
	c.results = make(chan *sent, c.batch.Parallel)
	c.health = health{now: d.config.Now, metrics: d.config.Metrics, id: one.ID}
	c.breaker = breaker{backoff: d.config.Backoff, most: min(d.config.MaxBackoff, 5*time.Minute)}
	cursors, err := d.config.Meta.DestinationCursors(ctx, one.ID)
	if err != nil {
		return nil, errors.Join(err, c.sender.Close())
	}
	for i := range d.config.Logs {
		c.streams = append(c.streams, &stream{name: d.config.Logs[i].Name})
		d.keeper.moved(one.ID, d.config.Logs[i].Name, eventlog.Position(cursors[d.config.Logs[i].Name]))
	}
	return c, nil
}

// env is what a sender may use.
func (d *Deliver) env(id string) destination.Env {
	return destination.Env{
		Client: d.config.Client, Dial: d.config.Dial, Now: d.config.Now, ID: id,
		Dir: func() (string, error) {
			if d.config.Dir == "" {
				return "", errors.New("there is no directory for files of destinations")
			}
			dir := filepath.Join(d.config.Dir, id)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return "", fmt.Errorf("make directory of destination: %w", err)
			}
			return dir, nil
		},
	}
}

// run delivers until ctx ends, and stores its progress.
func (c *courier) run(ctx context.Context) {
	defer func() { _ = c.sender.Close() }() // nothing is under way, and there is nobody to act on it
	if !c.load(ctx) {
		return
	}
	feeding, stopFeeds := context.WithCancel(ctx)
	var feeds sync.WaitGroup
	c.start(feeding, &feeds)
	sending, stopSends := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSends()
	c.stored = c.config.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		c.dispatch(sending)
		in := c.chunks
		if !c.room() {
			in = nil
		}
		timer.Reset(c.wake())
		select {
		case <-ctx.Done():
		case ch := <-in:
			c.add(ch)
		case n := <-c.counts:
			c.count(n)
		case s := <-c.results:
			c.settle(s)
		case <-c.kicked:
			c.more = true
		case f := <-c.do:
			f()
		case s := <-c.saved:
			c.settled(s)
		case <-timer.C:
		}
		if c.more && !c.saving && c.items < c.config.Window { // what is being parked has no id yet
			c.takeWaiting(ctx)
		}
		if c.unsaved && c.config.Now().Sub(c.stored) >= c.config.Checkpoint {
			c.save()
		}
	}
	c.end(stopFeeds, stopSends, &feeds)
}

// grace is how long sends under way may go on when the courier ends.
const grace = 2 * time.Second

// end waits for what is under way and stores progress.
func (c *courier) end(stopFeeds, stopSends context.CancelFunc, feeds *sync.WaitGroup) {
	stopFeeds()
	done := make(chan struct{})
	go func() { feeds.Wait(); close(done) }()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for fed := false; c.sending > 0 || !fed; {
		select {
		case <-done:
			fed, done = true, nil
		case n := <-c.counts:
			c.count(n)
		case s := <-c.results:
			c.settle(s)
		case f := <-c.do:
			f()
		case <-timer.C:
			stopSends()
		}
	}
	if c.saving {
		c.settled(<-c.saved)
	}
	c.save()
	c.settled(<-c.saved) // what is parked now takes its cursor along next time
}

// room reports whether another chunk may be taken in hand.
func (c *courier) room() bool {
	return !c.more && c.items < c.config.Window && c.bytes < c.config.WindowBytes
}

// kick says that calls wait again.
func (c *courier) kick() {
	select {
	case c.kicked <- struct{}{}:
	default:
	}
}

// note lets a feed count.
func (f *feed) note(n counted) { f.counts <- n }

// add takes a chunk in hand.
func (c *courier) add(ch *chunk) {
	if ch.fill != nil {
		err := ch.fill()
		ch.filled <- err
		if err != nil {
			return
		}
	}
	s := ch.stream
	s.chunks = append(s.chunks, ch)
	for _, it := range ch.items {
		it.chunk = ch
		c.enter(it)
	}
	c.advance(s)
}

// advance passes the chunks of which nothing is left. What came is counted then, with the cursor: a chunk that is not
// passed is read again after a restart.
func (c *courier) advance(s *stream) {
	for len(s.chunks) > 0 && s.chunks[0].left == 0 {
		ch := s.chunks[0]
		c.health.count(stepReceived, "", int64(len(ch.items))+ch.filtered+ch.duplicates)
		c.health.count(stepFiltered, "", ch.filtered)
		c.health.count(stepDuplicate, "", ch.duplicates)
		c.health.count(stepDiscarded, "unreadable", ch.faults)
		s.done, s.chunks[0] = ch, nil
		s.chunks = s.chunks[1:]
		c.unsaved = true
	}
}

// enter puts an item in its lanes.
func (c *courier) enter(it *item) {
	c.items++
	c.bytes += it.size
	for _, key := range it.keys {
		l := c.lanes[key]
		if l == nil {
			l = &lane{key: key}
			c.lanes[key] = l
		}
		l.items = append(l.items, it)
		it.lanes = append(it.lanes, l)
	}
	it.keys = nil
	c.offer(it)
}

// offer makes an item ready, or has it wait for its time, if nobody is before it.
func (c *courier) offer(it *item) {
	if it.queued || it.timed || !it.next() {
		return
	}
	if it.nextAt.After(c.config.Now()) {
		it.timed = true
		heap.Push(&c.timed, it)
		return
	}
	if len(c.ready) == 0 {
		c.began = c.config.Now()
	}
	it.queued = true
	c.ready = append(c.ready, it)
}

// leave takes an item out of the courier's hands.
func (c *courier) leave(it *item) {
	c.items--
	c.bytes -= it.size
	it.changed = false
	for _, l := range it.lanes {
		l.items = slices.DeleteFunc(l.items, func(other *item) bool { return other == it })
		if len(l.items) == 0 {
			delete(c.lanes, l.key)
		}
	}
}

// off says that a chunk needs to know no more of an item.
func (c *courier) off(it *item) {
	if ch := it.chunk; ch != nil {
		it.chunk = nil
		ch.left--
		c.advance(ch.stream)
	}
}

// wake returns how long nothing needs to be done unless something comes.
func (c *courier) wake() time.Duration {
	now := c.config.Now()
	wait := time.Hour
	until := func(t time.Time) { wait = min(wait, max(0, t.Sub(now))) }
	if len(c.timed) > 0 {
		until(c.timed[0].nextAt)
	}
	if c.unsaved && !c.saving {
		until(c.stored.Add(c.config.Checkpoint))
	}
	if len(c.ready) > 0 && c.sending < c.batch.Parallel {
		switch at := c.breaker.free; {
		case at.After(now):
			until(at)
		case c.breaker.probing() && c.sending > 0: // until that one is back
		case c.gathering(now):
			until(c.began.Add(c.batch.Wait))
		default:
			wait = 0
		}
	}
	return wait
}
