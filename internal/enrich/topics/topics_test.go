package topics

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// planted are ways of asking for four things; %s is filled at random.
var planted = [][]string{
	{"where is my card, it was due on %s", "my card has not arrived yet", "when will the new card be delivered to %s", "card delivery to %s takes long", "track the delivery of my card"},
	{"what is the exchange rate for %s", "exchange rate of euros today", "which rate do you use to exchange %s", "is the exchange rate good on %s", "convert euros at which rate"},
	{"I forgot my password", "reset my password please %s", "my password does not work since %s", "cannot log in, wrong password", "how to reset a lost password"},
	{"play some jazz music", "play music by %s", "I want to hear songs of %s", "play the next song", "music for %s please, play it"},
}

var filling = []string{"monday", "friday", "london", "paris", "march", "my sister", "the weekend", "april", "berlin", "the evening"}

func plantedDocs(seed uint64, n int) ([]Doc, []int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	var docs []Doc
	var gold []int
	for i := range n {
		k := i % len(planted)
		text := planted[k][rng.IntN(len(planted[k]))]
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, filling[rng.IntN(len(filling))])
		}
		docs, gold = append(docs, Doc{ID: fmt.Sprint("c", i), Texts: []string{text}}), append(gold, k)
	}
	return docs, gold
}

// pure is the share of docs whose topic is that of most docs of the same gold label, each topic once.
func pure(labels, gold []int) float64 {
	n := map[[2]int]int{}
	for i := range labels {
		n[[2]int{labels[i], gold[i]}]++
	}
	best := map[int]int{}
	for k, v := range n {
		if k[0] != None {
			best[k[0]] = max(best[k[0]], v)
		}
	}
	sum := 0
	for _, v := range best {
		sum += v
	}
	return float64(sum) / float64(len(labels))
}

func TestFindsWhatIsAskedFor(t *testing.T) {
	docs, gold := plantedDocs(7, 200)
	m, labels := Fit(docs, Config{})
	if p := pure(labels, gold); p < 0.95 {
		t.Errorf("seed 7: %d topics, %.2f of texts in the topic of their kind, want 0.95", len(m.Topics), p)
	}
	if len(m.Topics) < 4 || len(m.Topics) > 8 {
		t.Errorf("seed 7: got %d topics, want about 4", len(m.Topics))
	}
	for _, topic := range m.Topics {
		if topic.Name == "" || len(topic.Terms) == 0 {
			t.Errorf("topic %+v has no name", topic)
		}
	}
}

func TestFindsAsManyAsAreKnown(t *testing.T) {
	docs, gold := plantedDocs(8, 200)
	m, labels := Fit(docs, Config{Topics: 4})
	if p := pure(labels, gold); len(m.Topics) != 4 || p < 0.9 {
		t.Errorf("seed 8: got %d topics, %.2f pure; want 4, 0.9", len(m.Topics), p)
	}
}

func written(t *testing.T, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOrderAndWorkersDoNotMatter(t *testing.T) {
	docs, _ := plantedDocs(9, 900)
	m, labels := Fit(docs, Config{Workers: 1})
	m.Adopt(nil, docs, labels, nil)
	want := map[string]int{}
	for i, d := range docs {
		want[d.ID] = labels[i]
	}
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	again, labels := Fit(docs, Config{Workers: 3})
	again.Adopt(nil, docs, labels, nil)
	for i, d := range docs {
		if labels[i] != want[d.ID] {
			t.Fatalf("%s %q: got topic %d when shuffled, want %d", d.ID, d.Texts, labels[i], want[d.ID])
		}
	}
	if !bytes.Equal(written(t, m), written(t, again)) {
		t.Error("the same texts in another order give another model")
	}
}

func TestIdsStayWhenTextsAreAdded(t *testing.T) {
	docs, _ := plantedDocs(10, 400)
	first, labels := Fit(docs[:240], Config{})
	first.Adopt(nil, docs[:240], labels, nil)
	was := map[string]string{}
	for i, l := range labels {
		if l != None {
			was[docs[i].ID] = first.Topics[l].ID
		}
	}
	next, labels := Fit(docs, Config{})
	next.Adopt(first, docs, labels, nil)
	same, n := 0, 0
	for i, l := range labels {
		if id, ok := was[docs[i].ID]; ok && l != None {
			n++
			if next.Topics[l].ID == id {
				same++
			}
		}
	}
	if float64(same) < 0.9*float64(n) {
		t.Errorf("seed 10: %d of %d texts keep the id of their topic, want 90 %%", same, n)
	}
}

func TestKeptTopicsStay(t *testing.T) {
	docs, gold := plantedDocs(11, 200)
	old, labels := Fit(docs, Config{Topics: 4})
	old.Adopt(nil, docs, labels, nil)
	var kept string
	for i := range docs {
		if gold[i] == 3 {
			kept = old.Topics[labels[i]].ID
			break
		}
	}
	// Next day nearly nobody asks for music.
	var fewer []Doc
	music := 0
	for i := range docs {
		if gold[i] == 3 {
			if music++; music > 2 {
				continue
			}
		}
		fewer = append(fewer, docs[i])
	}
	has := func(keep map[string]bool) bool {
		m, labels := Fit(fewer, Config{Topics: 3})
		m.Adopt(old, fewer, labels, keep)
		for _, topic := range m.Topics {
			if topic.ID == kept {
				return true
			}
		}
		return false
	}
	if has(nil) {
		t.Error("the topic without texts stays unasked")
	}
	if !has(map[string]bool{kept: true}) {
		t.Error("the kept topic is gone")
	}
}

func TestTooFewTextsHaveNoTopics(t *testing.T) {
	for _, docs := range [][]Doc{nil, {{ID: "a", Texts: []string{"hello"}}}, make([]Doc, 100)} {
		m, labels := Fit(docs, Config{})
		if len(m.Topics) != 0 || len(labels) != len(docs) {
			t.Errorf("%d docs: got %d topics, %d labels", len(docs), len(m.Topics), len(labels))
		}
		for i, l := range labels {
			if l != None {
				t.Errorf("doc %d: got topic %d, want none", i, l)
			}
		}
	}
}

func TestAssignsWhatComesLater(t *testing.T) {
	docs, gold := plantedDocs(12, 400)
	m, labels := Fit(docs, Config{Topics: 4})
	kind := map[int]int{}
	for i, l := range labels {
		kind[l] = gold[i]
	}
	loaded, err := Read(bytes.NewReader(written(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	f := func(text string, want int) {
		t.Helper()
		got, like := m.Assigner().Assign([]string{text})
		if got == None || kind[got] != want {
			t.Errorf("%q: got kind %d (%.2f), want %d", text, kind[got], like, want)
		}
		if again, likeAgain := loaded.Assigner().Assign([]string{text}); again != got || likeAgain != like {
			t.Errorf("%q: after loading got %d %.4f, want %d %.4f", text, again, likeAgain, got, like)
		}
	}
	f("has my card been delivered?", 0)
	f("what exchange rate for dollars", 1)
	f("password reset", 2)
	f("play a song by mozart", 3)
	if got, like := m.Assigner().Assign([]string{"[email] [phone_number]"}); got != None {
		t.Errorf("masked values: got topic %d (%.2f), want none", got, like)
	}
}

func TestMaskedValuesAreNoTopics(t *testing.T) {
	docs, _ := plantedDocs(13, 200)
	for i := range docs {
		docs[i].Texts[0] += " [email] [credit_card]"
	}
	m, _ := Fit(docs, Config{})
	for _, topic := range m.Topics {
		for _, term := range topic.Terms {
			if strings.Contains(term, "email") || strings.Contains(term, "credit") {
				t.Errorf("topic %q is told by a placeholder: %q", topic.Name, term)
			}
		}
	}
}

func TestOtherScripts(t *testing.T) {
	say := [][]string{{"我的银行卡%s还没有到", "银行卡什么时候寄到%s", "请查询银行卡寄送%s", "%s的新银行卡在哪里", "银行卡寄丢了%s"}, {"%s的汇率是多少", "%s汇率怎么样", "%s汇率高吗", "请问%s汇率", "按什么汇率换%s"}}
	with := []string{"今天", "上海", "美元", "欧元", "昨天", "北京"}
	rng := rand.New(rand.NewPCG(16, 1))
	var docs []Doc
	var gold []int
	for i := range 120 {
		docs = append(docs, Doc{ID: fmt.Sprint(i), Texts: []string{fmt.Sprintf(say[i%2][rng.IntN(5)], with[rng.IntN(6)])}})
		gold = append(gold, i%2)
	}
	m, labels := Fit(docs, Config{Topics: 2})
	if p := pure(labels, gold); p < 0.9 {
		t.Errorf("got %.2f pure, want 0.9", p)
	}
	var names []string
	for _, topic := range m.Topics {
		names = append(names, topic.Name)
	}
	if all := strings.Join(names, " "); !strings.Contains(all, "汇率") || !strings.Contains(all, "银行卡") {
		t.Errorf("names %q do not say exchange rate and card", names)
	}
}

func TestManyTopicsHaveGroups(t *testing.T) {
	var docs []Doc
	for i := range 900 {
		k := i % 30
		docs = append(docs, Doc{ID: fmt.Sprint(i), Texts: []string{fmt.Sprintf("word%c%c thing%c%c about%c%c say%d", 'a'+k, 'b'+k%7, 'c'+k, 'a'+k%5, 'd'+k, 'k'+k%3, i%5)}})
	}
	m, _ := Fit(docs, Config{Topics: 30})
	if len(m.Groups) < 2 {
		t.Fatalf("%d topics: got %d groups", len(m.Topics), len(m.Groups))
	}
	for _, topic := range m.Topics {
		if topic.Group < 0 || topic.Group >= len(m.Groups) {
			t.Errorf("topic %q is in group %d of %d", topic.Name, topic.Group, len(m.Groups))
		}
	}
}

func TestReadRefusesWhatIsNoModel(t *testing.T) {
	docs, _ := plantedDocs(14, 100)
	m, _ := Fit(docs, Config{})
	b := written(t, m)
	for _, file := range [][]byte{nil, []byte("debrief topics 2\n{}\n"), b[:len(b)/2], []byte("debrief topics 1\n{\"columns\":-1}\n")} {
		if _, err := Read(bytes.NewReader(file)); !errors.Is(err, ErrFormat) {
			t.Errorf("%d bytes: got %v, want ErrFormat", len(file), err)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	docs, _ := plantedDocs(15, 2000)
	b.ReportAllocs()
	for b.Loop() {
		Fit(docs, Config{})
	}
}
