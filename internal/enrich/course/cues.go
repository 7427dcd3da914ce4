package course

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// List is a set of cues: words, and phrases of some words, by their hashes.
type List struct {
	words   map[uint32]bool
	phrases map[uint32][][]uint32 // by first word
}

// In says that a text has one of the cues.
func (l List) In(t *words.Text) bool { return l.Count(t) > 0 }

// Count is how many of the tokens of a text begin a cue.
func (l List) Count(t *words.Text) (n int) {
	for i, k := range t.Tokens {
		if l.words[k.Hash] || l.phrase(t.Tokens[i:]) {
			n++
		}
	}
	return n
}

// Starts says that a text begins with a cue, perhaps after a mark.
func (l List) Starts(t *words.Text) bool {
	for i, k := range t.Tokens {
		if k.Kind != words.Mark {
			return l.words[k.Hash] || l.phrase(t.Tokens[i:])
		}
	}
	return false
}

func (l List) phrase(tokens []words.Token) bool {
next:
	for _, p := range l.phrases[tokens[0].Hash] {
		if len(p) > len(tokens) {
			continue
		}
		for i, h := range p {
			if tokens[i].Hash != h {
				continue next
			}
		}
		return true
	}
	return false
}

// Cues makes a list of words and phrases, divided by commas.
func Cues(list string) List {
	l := List{words: map[uint32]bool{}, phrases: map[uint32][][]uint32{}}
	for cue := range strings.SplitSeq(list, ",") {
		var t words.Text
		t.Read(strings.TrimSpace(cue))
		var p []uint32
		for _, k := range t.Tokens {
			p = append(p, k.Hash)
		}
		switch len(p) {
		case 0:
		case 1:
			l.words[p[0]] = true
		default:
			l.phrases[p[0]] = append(l.phrases[p[0]], p)
		}
	}
	return l
}

// Cues of how a conversation goes, in the languages that most of the people who work on this read.
var (
	Self      = Cues("i, i'm, i've, i'll, i'd, me, my, myself, 私, 僕, 我, je, ich, yo")
	You       = Cues("you, your, you're, u, yours, あなた, 你, 您, vous, tu, sie, du, usted")
	Greeting  = Cues("hello, hi, hey, good morning, good evening, good afternoon, how are you, nice to meet you, こんにちは, こんばんは, おはよう, 你好, bonjour, salut, hallo, guten tag, hola")
	Thanks    = Cues("thanks, thank, thx, ty, thank you, appreciate, cheers, ありがとう, 谢谢, 谢了, 多谢, merci, danke, gracias, obrigado, grazie")
	Praise    = Cues("great, perfect, awesome, excellent, wonderful, amazing, cool, nice, good, fantastic, love it, helpful, good job, well done, sounds good, works, worked, いいですね, すごい, 好的, 很好, 太好了, parfait, super, génial, perfekt, toll, perfecto, genial")
	Doubt     = Cues("what, what?, huh, why, what do you mean, what are you talking about, i don't understand, i dont understand, makes no sense, doesn't make sense, make sense, confused, confusing, really, are you sure, excuse me, pardon, 何, え, なに, どういう, 意味, 什么, 啥, quoi, comment, pourquoi, wie bitte, was, qué, cómo")
	Objection = Cues("no, nope, not, wrong, incorrect, didn't, don't, doesn't, isn't, that's not, thats not, you already, already, again, i said, i asked, i told, you said, answer my question, my question, stop, bad, stupid, boring, off topic, topic, nonsense, random, weird, useless, terrible, bot, robot, 違う, ちがう, いや, じゃない, ではない, 不是, 不对, 错, 没有, non, faux, nein, falsch, nicht, incorrecto, mal")
	Sorry     = Cues("sorry, apologise, apologize, apologies, unfortunately, afraid, regret, すみません, 申し訳, ごめん, 抱歉, 对不起, désolé, malheureusement, leider, entschuldigung, lo siento, lamentablemente")
	Ignorance = Cues("don't know, dont know, do not know, not sure, no idea, don't understand, dont understand, do not understand, didn't understand, can't help, cannot help, unable, couldn't, could not, can not, can't, cannot, わかりません, 知りません, 分かりません, 不知道, 不清楚, 不明白, ne sais pas, weiß nicht, weiß es nicht, no sé, no lo sé")
	Farewell  = Cues("bye, goodbye, good bye, see you, have a good, have a nice, have a great, that's all, that is all, that will be all, that's it, nothing else, no that's, all i need, all i needed, all set, さようなら, またね, 再见, 拜拜, au revoir, bonne journée, tschüss, auf wiedersehen, adiós, hasta luego")
	Yes       = Cues("yes, yeah, yep, yup, sure, ok, okay, alright, right, correct, exactly, of course, please do, sounds good, sounds great, はい, うん, そう, 是的, 好, 对, 嗯, oui, d'accord, ja, genau, sí, si, vale, claro")
	No        = Cues("no, nope, nah, not, don't, いいえ, いや, 不, 不是, 没有, non, nein, ne, nicht")
	Another   = Cues("other, another, else, instead, different, rather, more options, anything else, something else, what about, how about, 他, 別, 别的, 其他, 另外, autre, autres, andere, anderes, otro, otra")
	Rude      = Cues("stupid, idiot, dumb, shit, fuck, fucking, fucked, wtf, damn, crap, sucks, suck, hate, useless, worst, garbage, trash, ridiculous, bullshit, moron, ass, shut up, annoying, 馬鹿, ばか, バカ, 死ね, 傻, 滚, 垃圾, merde, nul, scheiße, scheisse, mist, dumm, mierda")
	Agency    = Cues("human, person, operator, representative, agent, real person, someone else, manager, supervisor, speak to, talk to a, customer service, 人工, 客服, オペレーター, conseiller, mitarbeiter, humano, agente")
	// Negation is any way to say no or not, Dislike a taste or a refusal, Correction what takes something back or
	// puts it right, Complaint a word for what went wrong or how bad it is.
	Negation   = Cues("no, nope, nah, not, never, none, nothing, nobody, neither, nor, without, don't, dont, doesn't, doesnt, didn't, didnt, isn't, isnt, wasn't, wasnt, aren't, arent, weren't, can't, cant, cannot, couldn't, couldnt, won't, wont, wouldn't, wouldnt, shouldn't, haven't, havent, hasn't, hasnt, hadn't, ain't, ない, ません, 不, 没, 别, 无, non, ne, pas, rien, jamais, aucun, nein, nicht, kein, keine, keinen, nie, nichts, nunca, nada, ningún, não, нет, не")
	Dislike    = Cues("don't like, dont like, didn't like, didnt like, do not like, not like, dislike, hate, hated, not interested, not into, not a fan, never liked, don't want, dont want, do not want, don't need, don't care, don't think, not really, not for me, not my, no thanks, no thank, can't stand, too, rather not, skip, pass, boring, 嫌い, いらない, 不喜欢, 不想, 不要, n'aime pas, veux pas, mag nicht, will nicht, gefällt mir nicht, no me gusta, no quiero")
	Correction = Cues("actually, i mean, i meant, i said, i asked, i wanted, i want, i need, instead, rather, but, wait, oops, change, changed my mind, wrong, incorrect, not what, that's not, thats not, that isn't, that is not, should be, supposed to, i told, already, again, no i, no it, その, じゃなくて, 其实, 我说, 我是说, 应该, en fait, plutôt, mais, eigentlich, sondern, aber, en realidad, pero, sino")
	Complaint  = Cues("bad, terrible, horrible, awful, worst, worse, poor, disappointed, disappointing, disappoint, unfortunately, unfortunate, sad, upset, annoyed, annoying, frustrating, frustrated, problem, problems, issue, trouble, error, broken, fail, failed, fails, useless, waste, ridiculous, unacceptable, unhappy, shame, hmm, ugh, oh no, darn, too bad, too expensive, too far, too long, too much, too many, too late, doesn't work, not working, doesn't help, not helpful, no good, 残念, ひどい, 最悪, 失望, 糟糕, 太贵, 问题, dommage, nul, problème, schade, schlecht, leider, lástima, malo, mala, problema")
)
