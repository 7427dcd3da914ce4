package duckstore

import (
	"cmp"
	"container/list"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// bone is what event.Roll looks at in an event: a small copy of it. Which fields those are is checked
// by a test.
type bone struct {
	id, source, userID, anonymousID, sessionID, groupID string
	agentID, mode, channel, locale, title, reason       string
	role, action, workspace                             string
	model                                               string // that answered, else that was asked
	kind                                                event.Kind
	occurredAt, originalAt                              int64 // microseconds; see micros
	requestSeq, batchIndex                              int64
	preview                                             string // start of a user message's body
	score                                               float64
	reported                                            int64
	hasScore, hasReported                               bool
	countsUsage, toolFailed                             bool
	inputTokens, outputTokens                           int64
	cost                                                float64
	hasInput, hasOutput, hasCost                        bool
}

// zeroTime stands for the zero time, which comes before all others.
const zeroTime = -1 << 63

func micros(t time.Time) int64 {
	if t.IsZero() {
		return zeroTime
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == zeroTime {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// before is event.Event.Before.
func (b *bone) before(o *bone) bool {
	switch {
	case b.occurredAt != o.occurredAt:
		return b.occurredAt < o.occurredAt
	case b.originalAt != o.originalAt:
		return b.originalAt < o.originalAt
	case b.requestSeq != o.requestSeq:
		return b.requestSeq < o.requestSeq
	case b.batchIndex != o.batchIndex:
		return b.batchIndex < o.batchIndex
	}
	return b.id < o.id
}

// flesh sets the fields of an event that event.Roller looks at.
func (b *bone) flesh(e *event.Event) {
	e.ID, e.Source, e.UserID, e.AnonymousID, e.SessionID, e.GroupID = b.id, b.source, b.userID, b.anonymousID, b.sessionID, b.groupID
	e.AgentID, e.Mode, e.Channel, e.Locale, e.Title, e.Reason = b.agentID, b.mode, b.channel, b.locale, b.title, b.reason
	e.Role, e.Action, e.Workspace, e.Kind = b.role, b.action, b.workspace, b.kind
	e.OccurredAt = fromMicros(b.occurredAt)
	e.CountsUsage, e.ResponseModel = b.countsUsage, b.model
	e.Body, e.Score, e.ReportedMessageCount = nil, nil, nil
	e.ToolOK, e.InputTokens, e.OutputTokens, e.CostUSD = nil, nil, nil, nil
	if b.preview != "" {
		e.Body = &b.preview
	}
	if b.hasScore {
		e.Score = &b.score
	}
	if b.hasReported {
		e.ReportedMessageCount = &b.reported
	}
	if b.toolFailed {
		e.ToolOK = new(false)
	}
	if b.hasInput {
		e.InputTokens = &b.inputTokens
	}
	if b.hasOutput {
		e.OutputTokens = &b.outputTokens
	}
	if b.hasCost {
		e.CostUSD = &b.cost
	}
}

// boneMaker makes bones, and events of them again, in memory that it uses over and over.
type boneMaker struct {
	bone  bone
	event event.Event
}

// of copies out of e what a bone needs. What form and place have is taken from them, whose memory stays;
// strings that it shares with the bone before are kept once. The bone is valid until the next.
func (m *boneMaker) of(e, form, place *event.Event, near *bone) *bone {
	share := func(v, neighbour string) string {
		if v == neighbour {
			return neighbour
		}
		return strings.Clone(v)
	}
	m.bone = bone{
		id: strings.Clone(e.ID), occurredAt: micros(e.OccurredAt), originalAt: micros(e.OriginalAt),
		requestSeq: e.RequestSeq, batchIndex: e.BatchIndex,
		workspace: place.Workspace, source: place.Source, agentID: place.AgentID, mode: place.Mode,
		channel: place.Channel, locale: place.Locale,
		kind: form.Kind, action: form.Action, role: form.Role, reason: form.Reason,
		userID:      share(e.UserID, near.userID),
		anonymousID: share(e.AnonymousID, near.anonymousID),
		sessionID:   share(e.SessionID, near.sessionID),
		groupID:     share(e.GroupID, near.groupID),
		title:       share(e.Title, near.title),
	}
	b := &m.bone
	if e.Kind == event.KindMessage && e.Role == event.RoleUser && e.Body != nil {
		b.preview = strings.Clone(startOf(*e.Body))
	}
	if e.Score != nil {
		b.score, b.hasScore = *e.Score, true
	}
	if e.ReportedMessageCount != nil {
		b.reported, b.hasReported = *e.ReportedMessageCount, true
	}
	b.toolFailed = form.ToolOK != nil && !*form.ToolOK
	m.generation(e, form)
	return b
}

// generation copies what a model call took.
func (m *boneMaker) generation(e, form *event.Event) {
	b := &m.bone
	if !form.CountsUsage {
		return
	}
	b.countsUsage, b.model = true, cmp.Or(form.ResponseModel, form.RequestModel)
	if e.InputTokens != nil {
		b.inputTokens, b.hasInput = *e.InputTokens, true
	}
	if e.OutputTokens != nil {
		b.outputTokens, b.hasOutput = *e.OutputTokens, true
	}
	if e.CostUSD != nil {
		b.cost, b.hasCost = *e.CostUSD, true
	}
}

// startOf cuts a text after the code points that a preview has.
func startOf(s string) string {
	n := event.PreviewChars
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// maxBones is how many events of a conversation are kept. Longer ones are rolled up without, and read
// from the store when an event comes out of order: a client that gives every user the same
// conversation id must not take the memory.
const maxBones = 512

// skeleton is what the roll-up of one conversation needs to follow its events: the roller as of the last
// event in order, and the events, as far as it needs them, to start again from when one comes late.
type skeleton struct {
	id     string
	roller event.Roller
	last   bone // in order
	count  int  // events rolled up
	bones  boneList
	late   []bone // to be inserted among the bones
	stale  bool   // bones changed out of order: the roller has to start again
	// The first and last event of the roll-up that is stored, by which its row is found.
	stored                  bool
	storedFirst, storedLast int64
	counted                 int // bytes, as skeletons has counted them
	element                 *list.Element
}

// add takes an event. It reports false if the event is late and the bones are not there.
func (k *skeleton) add(b *bone, m *boneMaker) bool {
	whole := k.bones.n+len(k.late) == k.count
	if k.count > 0 && b.before(&k.last) {
		if !whole {
			return false
		}
		k.late = append(k.late, *b)
		k.count++
		k.stale = true
		return true
	}
	if whole {
		k.bones.push(b)
	}
	if k.count++; k.count > maxBones && !k.stale {
		k.bones = boneList{}
	}
	k.last = *b
	if !k.stale {
		k.feed(b, m)
	}
	return true
}

// remove takes events away. It reports false if the bones are not there.
func (k *skeleton) remove(ids map[string]bool) bool {
	k.place()
	if k.bones.n < k.count || k.bones.remove(ids) != len(ids) {
		return false
	}
	k.count, k.last = k.bones.n, k.bones.last
	k.stale = true
	return true
}

// place inserts the late bones.
func (k *skeleton) place() {
	k.bones.insert(k.late)
	k.late = nil
}

func (k *skeleton) feed(b *bone, m *boneMaker) {
	b.flesh(&m.event)
	m.event.ConversationID = k.id
	k.roller.Add(&m.event)
}

// conversation rolls up what was added.
func (k *skeleton) conversation(m *boneMaker) event.Conversation {
	if k.stale {
		k.place()
		k.roller, k.stale = event.Roller{}, false
		for b := range k.bones.all() {
			k.feed(b, m)
		}
		if k.count > maxBones {
			k.bones = boneList{}
		}
	}
	return k.roller.Conversation()
}

// skeletons remembers those of the conversations written last.
type skeletons struct {
	byID  map[string]*skeleton
	order list.List // front: used last
	bytes int
	limit int // of bytes, about
}

func newSkeletons(limit int) *skeletons {
	return &skeletons{byID: map[string]*skeleton{}, limit: limit}
}

func (s *skeletons) get(id string) *skeleton {
	k := s.byID[id]
	if k != nil {
		s.order.MoveToFront(k.element)
	}
	return k
}

// put remembers a skeleton whose roll-up has just been committed.
func (s *skeletons) put(k *skeleton) {
	if k.element == nil {
		k.element = s.order.PushFront(k)
		s.byID[k.id] = k
	}
	const itself = 1200 // bytes of a skeleton with its strings, about
	s.bytes += itself + cap(k.bones.data) - k.counted
	k.counted = itself + cap(k.bones.data)
	for s.bytes > s.limit && s.order.Back() != k.element {
		s.drop(s.order.Back().Value.(*skeleton).id)
	}
}

func (s *skeletons) drop(id string) {
	if k := s.byID[id]; k != nil {
		s.order.Remove(k.element)
		delete(s.byID, id)
		s.bytes -= k.counted
	}
}

func (s *skeletons) clear() { *s = *newSkeletons(s.limit) }
