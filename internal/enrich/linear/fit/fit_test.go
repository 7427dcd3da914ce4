package fit

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// example is a text with one feature.
func example(in *linear.Input, s string, feature float32) *linear.Input {
	var text words.Text
	text.Read(s)
	in.Reset()
	in.Add(1, &text)
	in.Dense = append(in.Dense, feature)
	return in
}

func header(outputs ...string) linear.Header {
	return linear.Header{Name: "test", Source: "made here", Bits: 12, Outputs: outputs, Dense: []string{"shouting"}}
}

var good, bad = strings.Fields("great lovely thanks perfect wonderful"), strings.Fields("awful broken wrong useless terrible")

// opinions is a set of sentences that one word decides.
func opinions(seed uint64, n int) *Set {
	rnd := rand.New(rand.NewPCG(seed, 1))
	s := &Set{Header: header("bad")}
	var in linear.Input
	for i := range n {
		list, y := good, 0.0
		if rnd.IntN(2) == 0 {
			list, y = bad, 1
		}
		s.Add(example(&in, fmt.Sprintf("the answer number %d was %s", rnd.IntN(1000), list[rnd.IntN(len(list))]), float32(rnd.Float64())), []float64{y}, 1, fmt.Sprint(i))
	}
	return s
}

func TestFitLearnsWordsAndExplainsThem(t *testing.T) {
	m, err := opinions(1, 400).Fit(Config{L2: 0.1}).Model()
	if err != nil {
		t.Fatal(err)
	}
	var in linear.Input
	if p := m.Probability(example(&in, "Your product is useless", 0.5)); p < 0.9 {
		t.Errorf("useless: %.3f, want nearly 1", p)
	}
	if p := m.Probability(example(&in, "Perfect.", 0.5)); p > 0.1 {
		t.Errorf("perfect: %.3f, want nearly 0", p)
	}
	reasons := m.Explain(example(&in, "this answer was useless", 0.5), 0, 3)
	if len(reasons) == 0 || reasons[0].What != "useless" || reasons[0].Weight <= 0 {
		t.Errorf("reasons %v, want useless first, speaking for it", reasons)
	}
}

func TestReasonsAndBiasAddUpToTheSum(t *testing.T) {
	w := opinions(2, 300).Fit(Config{L2: 0.1})
	m, err := w.Model()
	if err != nil {
		t.Fatal(err)
	}
	var in linear.Input
	example(&in, "great, but the second answer was wrong, wrong!", 0.3)
	sum := w.Bias[0]
	for _, r := range m.Explain(&in, 0, 1000) {
		sum += r.Weight
	}
	if got := m.Sum(&in); math.Abs(got-sum) > 1e-4 {
		t.Errorf("sum %v, reasons and bias %v", got, sum)
	}
}

func TestFitIsDeterministic(t *testing.T) {
	var a, b bytes.Buffer
	if err := opinions(3, 200).Fit(Config{}).Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := opinions(3, 200).Fit(Config{}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same examples gave other bytes")
	}
}

func TestRidgeFindsTheSlopeOfAFeature(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 1))
	s := &Set{Header: header("number")}
	var in linear.Input
	for range 2000 {
		x := rnd.Float64()*4 + 10
		s.Add(example(&in, "", float32(x)), []float64{3*x - 7 + rnd.NormFloat64()/10}, 1, "")
	}
	w := s.Fit(Config{Loss: Squared, DenseL2: 1e-6})
	if math.Abs(w.Dense[0]-3) > 0.02 || math.Abs(w.Bias[0]+7) > 0.3 {
		t.Errorf("%.3f x %+.3f, want 3 x - 7", w.Dense[0], w.Bias[0])
	}
}

func TestSoftmaxTellsClassesApart(t *testing.T) {
	s := &Set{Header: header("fruit", "metal", "colour")}
	lists := [][]string{strings.Fields("apple pear plum cherry"), strings.Fields("iron zinc copper gold"), strings.Fields("red blue green pink")}
	var in linear.Input
	for i := range 300 {
		y := make([]float64, 3)
		y[i%3] = 1
		s.Add(example(&in, "it is "+lists[i%3][i/3%4], 0), y, 1, "")
	}
	m, err := s.Fit(Config{Loss: Softmax, L2: 0.1}).Model()
	if err != nil {
		t.Fatal(err)
	}
	for class, list := range lists {
		for _, word := range list {
			p := make([]float64, 3)
			m.Sums(example(&in, "some "+word, 0), p)
			linear.Softmax(p)
			if p[class] < 0.8 || math.Abs(p[0]+p[1]+p[2]-1) > 1e-9 {
				t.Errorf("%s: %.3f, want class %d", word, p, class)
			}
		}
	}
}

// Labels that are noise must not be predicted out of fold, or groups leak.
func TestOutOfFoldDoesNotSeeItsOwnGroup(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	s := &Set{Header: header("noise")}
	var in linear.Input
	var labels []float64
	for i := range 300 {
		y := float64(rnd.IntN(2))
		for range 3 { // the same words three times: whoever saw one knows the others
			s.Add(example(&in, fmt.Sprintf("conversation qzx%dk", i*7919), 0), []float64{y}, 1, fmt.Sprint(i))
			labels = append(labels, y)
		}
	}
	right := 0
	for i, p := range s.OutOfFold(Config{L2: 0.01}, Fold(5)) {
		if (p[0] > 0) == (labels[i] == 1) {
			right++
		}
	}
	if share := float64(right) / float64(len(labels)); share > 0.62 {
		t.Errorf("%.2f of coin tosses predicted", share)
	}
}

func TestLoadRefusesWhatIsNoFileOfWeights(t *testing.T) {
	var b bytes.Buffer
	if err := opinions(6, 50).Fit(Config{}).Write(&b); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	f := func(what string, file []byte) {
		t.Helper()
		if _, err := linear.Load(file); err == nil {
			t.Errorf("%s is loaded", what)
		}
	}
	f("nothing", nil)
	f("a newer version", bytes.Replace(file, []byte("weights 1"), []byte("weights 2"), 1))
	f("half a file", file[:len(file)/2])
	f("a header out of bounds", bytes.Replace(file, []byte(`"bits":12`), []byte(`"bits":60`), 1))
	if _, err := linear.Load(file); err != nil {
		t.Errorf("the file itself: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	var b bytes.Buffer
	if err := opinions(7, 50).Fit(Config{}).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("debrief weights 1\n{}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if m, err := linear.Load(file); err == nil && len(m.Dense) == 1 && len(m.Outputs) == 1 {
			var in linear.Input
			m.Sum(example(&in, "any text", 1))
		}
	})
}

// What is fitted, what is predicted and what is explained must read damped blocks alike.
func TestDampedBlocksAreReadAlike(t *testing.T) {
	s := &Set{Header: header("bad")}
	var text words.Text
	var in linear.Input
	read := func(said string) {
		text.Read(said)
		in.Reset()
		in.AddDamped(1, &text)
		in.Dense = append(in.Dense, 0)
	}
	for i := range 200 {
		read(strings.Repeat(good[i%len(good)]+" ", 1+i%7) + bad[i/7%len(bad)] + strings.Repeat(" now", i%5))
		s.Add(&in, []float64{float64(i % 2)}, 1, fmt.Sprint(i))
	}
	w := s.Fit(Config{L2: 0.1, Rare: true})
	m, err := w.Model()
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.rows {
		read(strings.Repeat(good[i%len(good)]+" ", 1+i%7) + bad[i/7%len(bad)] + strings.Repeat(" now", i%5))
		got, want := m.Sum(&in), s.predict(w, &s.rows[i])[0]
		if math.Abs(got-want) > 1e-4 {
			t.Fatalf("example %d: sum %v, want %v", i, got, want)
		}
		parts := w.Bias[0]
		for _, r := range m.Explain(&in, 0, 100) {
			parts += r.Weight
		}
		if math.Abs(parts-got) > 1e-4 {
			t.Fatalf("example %d: reasons sum up to %v, want %v", i, parts, got)
		}
	}
}
