package course

import (
	"math/bits"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// List is a list of cues: words, and phrases of some words.
type List uint8

// The lists, in the languages that most of the people who work on this read.
const (
	Self       List = iota // the writer
	You                    // who is spoken to
	Greeting               // hello
	Thanks                 // thanks
	Praise                 // praise
	Doubt                  // not understanding, or not believing
	Objection              // objecting to an answer
	Sorry                  // sorry, or unfortunately
	Ignorance              // not knowing, not being able
	Farewell               // goodbye, or that this is all
	Yes                    // yes
	No                     // no
	Another                // wanting another one
	Rude                   // swearing and insults
	Agency                 // wanting a person
	Negation               // any way to say no or not
	Dislike                // a taste or a refusal
	Correction             // taking something back or putting it right
	Complaint              // what went wrong, or how bad it is
	lists
)

// cues are the words and phrases of each list, divided by commas.
var cues = [lists]string{
	Self:       "i, i'm, i've, i'll, i'd, me, my, myself, 私, 僕, 我, je, ich, yo",
	You:        "you, your, you're, u, yours, あなた, 你, 您, vous, tu, sie, du, usted",
	Greeting:   "hello, hi, hey, good morning, good evening, good afternoon, how are you, nice to meet you, こんにちは, こんばんは, おはよう, 你好, bonjour, salut, hallo, guten tag, hola",
	Thanks:     "thanks, thank, thx, ty, thank you, appreciate, cheers, ありがとう, 谢谢, 谢了, 多谢, merci, danke, gracias, obrigado, grazie",
	Praise:     "great, perfect, awesome, excellent, wonderful, amazing, cool, nice, good, fantastic, love it, helpful, good job, well done, sounds good, works, worked, いいですね, すごい, 好的, 很好, 太好了, parfait, super, génial, perfekt, toll, perfecto, genial",
	Doubt:      "what, what?, huh, why, what do you mean, what are you talking about, i don't understand, i dont understand, makes no sense, doesn't make sense, make sense, confused, confusing, really, are you sure, excuse me, pardon, 何, え, なに, どういう, 意味, 什么, 啥, quoi, comment, pourquoi, wie bitte, was, qué, cómo",
	Objection:  "no, nope, not, wrong, incorrect, didn't, don't, doesn't, isn't, that's not, thats not, you already, already, again, i said, i asked, i told, you said, answer my question, my question, stop, bad, stupid, boring, off topic, topic, nonsense, random, weird, useless, terrible, bot, robot, 違う, ちがう, いや, じゃない, ではない, 不是, 不对, 错, 没有, non, faux, nein, falsch, nicht, incorrecto, mal",
	Sorry:      "sorry, apologise, apologize, apologies, unfortunately, afraid, regret, すみません, 申し訳, ごめん, 抱歉, 对不起, désolé, malheureusement, leider, entschuldigung, lo siento, lamentablemente",
	Ignorance:  "don't know, dont know, do not know, not sure, no idea, don't understand, dont understand, do not understand, didn't understand, can't help, cannot help, unable, couldn't, could not, can not, can't, cannot, わかりません, 知りません, 分かりません, 不知道, 不清楚, 不明白, ne sais pas, weiß nicht, weiß es nicht, no sé, no lo sé",
	Farewell:   "bye, goodbye, good bye, see you, have a good, have a nice, have a great, that's all, that is all, that will be all, that's it, nothing else, no that's, all i need, all i needed, all set, さようなら, またね, 再见, 拜拜, au revoir, bonne journée, tschüss, auf wiedersehen, adiós, hasta luego",
	Yes:        "yes, yeah, yep, yup, sure, ok, okay, alright, right, correct, exactly, of course, please do, sounds good, sounds great, はい, うん, そう, 是的, 好, 对, 嗯, oui, d'accord, ja, genau, sí, si, vale, claro",
	No:         "no, nope, nah, not, don't, いいえ, いや, 不, 不是, 没有, non, nein, ne, nicht",
	Another:    "other, another, else, instead, different, rather, more options, anything else, something else, what about, how about, 他, 別, 别的, 其他, 另外, autre, autres, andere, anderes, otro, otra",
	Rude:       "stupid, idiot, dumb, shit, fuck, fucking, fucked, wtf, damn, crap, sucks, suck, hate, useless, worst, garbage, trash, ridiculous, bullshit, moron, ass, shut up, annoying, 馬鹿, ばか, バカ, 死ね, 傻, 滚, 垃圾, merde, nul, scheiße, scheisse, mist, dumm, mierda",
	Agency:     "human, person, operator, representative, agent, real person, someone else, manager, supervisor, speak to, talk to a, customer service, 人工, 客服, オペレーター, conseiller, mitarbeiter, humano, agente",
	Negation:   "no, nope, nah, not, never, none, nothing, nobody, neither, nor, without, don't, dont, doesn't, doesnt, didn't, didnt, isn't, isnt, wasn't, wasnt, aren't, arent, weren't, can't, cant, cannot, couldn't, couldnt, won't, wont, wouldn't, wouldnt, shouldn't, haven't, havent, hasn't, hasnt, hadn't, ain't, ない, ません, 不, 没, 别, 无, non, ne, pas, rien, jamais, aucun, nein, nicht, kein, keine, keinen, nie, nichts, nunca, nada, ningún, não, нет, не",
	Dislike:    "don't like, dont like, didn't like, didnt like, do not like, not like, dislike, hate, hated, not interested, not into, not a fan, never liked, don't want, dont want, do not want, don't need, don't care, don't think, not really, not for me, not my, no thanks, no thank, can't stand, too, rather not, skip, pass, boring, 嫌い, いらない, 不喜欢, 不想, 不要, n'aime pas, veux pas, mag nicht, will nicht, gefällt mir nicht, no me gusta, no quiero",
	Correction: "actually, i mean, i meant, i said, i asked, i wanted, i want, i need, instead, rather, but, wait, oops, change, changed my mind, wrong, incorrect, not what, that's not, thats not, that isn't, that is not, should be, supposed to, i told, already, again, no i, no it, その, じゃなくて, 其实, 我说, 我是说, 应该, en fait, plutôt, mais, eigentlich, sondern, aber, en realidad, pero, sino",
	Complaint:  "bad, terrible, horrible, awful, worst, worse, poor, disappointed, disappointing, disappoint, unfortunately, unfortunate, sad, upset, annoyed, annoying, frustrating, frustrated, problem, problems, issue, trouble, error, broken, fail, failed, fails, useless, waste, ridiculous, unacceptable, unhappy, shame, hmm, ugh, oh no, darn, too bad, too expensive, too far, too long, too much, too many, too late, doesn't work, not working, doesn't help, not helpful, no good, 残念, ひどい, 最悪, 失望, 糟糕, 太贵, 问题, dommage, nul, problème, schade, schlecht, leider, lástima, malo, mala, problema",
}

// In says that a text has one of the cues.
func (l List) In(t *words.Text) bool { return look(t).Count[l] > 0 }

// Count is how many of the tokens of a text begin a cue, 255 at most.
func (l List) Count(t *words.Text) int { return int(look(t).Count[l]) }

// Starts says that a text begins with a cue, perhaps after a mark.
func (l List) Starts(t *words.Text) bool { return look(t).First>>l&1 == 1 }

// look finds all cues of a text at once, when it is first asked.
func look(t *words.Text) *words.Cues {
	c := &t.Cues
	if c.Known {
		return c
	}
	*c = words.Cues{Known: true}
	first := true
	for i, k := range t.Tokens {
		found := index.at(t.Tokens[i:])
		if first && k.Kind != words.Mark {
			first, c.First = false, found
		}
		for ; found != 0; found &= found - 1 {
			if l := bits.TrailingZeros32(found); c.Count[l] < 255 {
				c.Count[l]++
			}
		}
	}
	return c
}

// slots is how many places a table has; a power of two, some four times as many as there are cues.
const slots = 1 << 12

// table finds the cues that begin with a word: open addressing, entry 0 is none.
type table struct {
	slot    [slots]uint16
	entries []entry
}

type entry struct {
	hash    uint32
	lists   uint32 // that have the word alone
	phrases []phrase
}

type phrase struct {
	rest  []uint32 // words after the first
	lists uint32
}

// index is made of cues once, and never changes.
var index = makeTable()

func makeTable() *table {
	t := &table{entries: make([]entry, 1)}
	for l, list := range cues {
		for cue := range strings.SplitSeq(list, ",") {
			var text words.Text
			text.Read(strings.TrimSpace(cue))
			if len(text.Tokens) == 0 {
				continue
			}
			e := &t.entries[t.place(text.Tokens[0].Hash)]
			if len(text.Tokens) == 1 {
				e.lists |= 1 << l
				continue
			}
			p := phrase{lists: 1 << l}
			for _, k := range text.Tokens[1:] {
				p.rest = append(p.rest, k.Hash)
			}
			e.phrases = append(e.phrases, p)
		}
	}
	return t
}

// place returns the entry of a word, a new one if there is none.
func (t *table) place(hash uint32) int {
	at := hash % slots
	for ; t.slot[at] != 0; at = (at + 1) % slots {
		if t.entries[t.slot[at]].hash == hash {
			return int(t.slot[at])
		}
	}
	t.entries = append(t.entries, entry{hash: hash})
	t.slot[at] = uint16(len(t.entries) - 1)
	return len(t.entries) - 1
}

// at returns the lists that have a cue that begins with the first of the tokens, as bits.
func (t *table) at(tokens []words.Token) (found uint32) {
	hash := tokens[0].Hash
	for at := hash % slots; t.slot[at] != 0; at = (at + 1) % slots {
		e := &t.entries[t.slot[at]]
		if e.hash != hash {
			continue
		}
		found = e.lists
		for i := range e.phrases {
			if p := &e.phrases[i]; found&p.lists == 0 && follows(tokens[1:], p.rest) {
				found |= p.lists
			}
		}
		return found
	}
	return 0
}

func follows(tokens []words.Token, rest []uint32) bool {
	if len(tokens) < len(rest) {
		return false
	}
	for i, h := range rest {
		if tokens[i].Hash != h {
			return false
		}
	}
	return true
}
