package topics

import (
	"math"
	"slices"
)

// leastReach is how alike to its centre a text of a topic is at least.
const leastReach = 0.12

// Model is what was found: topics, and the space they are in. The zero value has no topics. It is read by any
// number of goroutines.
type Model struct {
	Texts  int // how many texts it was found in
	Topics []Topic
	Groups []Group // of topics, where there are many; else none

	space   *space
	centres matrix
	member  []int // topic of each text of the sample
}

// Topic is one topic.
type Topic struct {
	ID    string   `json:"id"` // of [Model.Adopt]; "" before
	Name  string   `json:"name"`
	Terms []string `json:"terms"` // telling words and phrases, best first, at most ten
	Group int      `json:"group"` // number of the group above it; -1 where topics have none
	Size  int      `json:"size"`  // texts of the sample
	// Reach is how alike to the centre a text must be to belong to it.
	Reach float32 `json:"reach"`
}

// Group is a group of topics that are about something near.
type Group struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Terms []string `json:"terms"`
}

// From more than groupFrom topics on there are groups, about groupSize topics each.
const (
	groupFrom = 20
	groupSize = 6
)

// settle puts the centres where the texts of each topic are, and says who belongs.
func (m *Model) settle(x matrix, labels []int) {
	k := count(labels)
	m.centres = centresOf(x, labels, k)
	m.Topics = make([]Topic, k)
	m.member = labels
	likes := make([][]float32, k)
	for i, l := range labels {
		likes[l] = append(likes[l], dot(x.row(i), m.centres.row(l)))
	}
	for c := range m.Topics {
		slices.Sort(likes[c])
		// As alike as all but the last twentieth of its texts are, and a little less: what comes later is less
		// alike than what the centre was made of.
		m.Topics[c] = Topic{Group: -1, Size: len(likes[c]), Reach: max(0.75*likes[c][len(likes[c])/20], leastReach)}
	}
	if k > groupFrom {
		mean, size := make([][]float64, k), make([]float64, k)
		for c := range k {
			mean[c] = make([]float64, x.cols)
			for d, v := range m.centres.row(c) {
				mean[c][d] = float64(v)
			}
			size[c] = math.Sqrt(float64(m.Topics[c].Size))
		}
		groups := wardOf(mean, size, (k+groupSize-1)/groupSize)
		for c := range k {
			m.Topics[c].Group = groups[c]
		}
		m.Groups = make([]Group, count(groups))
	}
}

// Assigner assigns texts; not for several goroutines at once.
type Assigner struct {
	m       *Model
	reader  reader
	scratch []cell
	place   []float32
}

// Assigner returns a new one.
func (m *Model) Assigner() *Assigner {
	a := &Assigner{m: m}
	if m.space != nil {
		a.place = make([]float32, m.space.width())
	}
	return a
}

// Assign says which topic texts belong to, and how alike they are to its centre (cosine); None if the model
// knows nothing of them, or they are far from all topics.
func (a *Assigner) Assign(texts []string) (int, float32) {
	if a.m.space == nil {
		return None, 0
	}
	b := a.reader.read(&Doc{Texts: texts})
	a.scratch = a.m.space.place(a.place, &b, a.scratch)
	best, like := None, float32(0)
	for c := range a.m.Topics {
		if v := dot(a.place, a.m.centres.row(c)); v > like && v >= a.m.Topics[c].Reach {
			best, like = c, v
		}
	}
	return best, like
}
