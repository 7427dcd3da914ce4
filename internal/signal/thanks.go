package signal

// thanks is gratitude after an answer.
var thanks = Definition{
	Name: "thanks", Title: "Thanks", Group: Course, Dimension: Answer, Weight: 0.4,
	Rule:       "After an answer the user says thanks in at most {words} words, without a question, a but, or a refusal (no thanks; thanks for nothing). English, German, French, Spanish, Italian, Portuguese, Dutch, Chinese and Japanese are understood.",
	Thresholds: []Threshold{{Name: "words", Title: "Longest message", Unit: "words", Default: 12, Min: 1, Max: 100}},
	find: func(f *finder) {
		for _, m := range f.messages {
			before := f.lastAnswer[m.at]
			if isUser(m.Event) && before >= 0 && thankful(m.text) && float64(len(m.text.words)) <= f.threshold("words") {
				f.conclude(m.at, before, "thanks %s after an answer", f.gap(before, m.at))
			}
		}
	},
}

// thankful reports whether a text is gratitude and nothing else.
func thankful(t *text) bool {
	return t.known && !t.asks() && t.says(thanksWords) && !t.says(thanklessWords)
}

// closes reports whether a message of the user comes after an answer and wants none itself: thanks, goodbye.
func (t *talk) closes(at int) bool {
	if t.lastAnswer[at] < 0 {
		return false
	}
	x := t.texts[at]
	return thankful(x) || x.known && !x.asks() && len(x.words) <= 5 && x.says(closingWords)
}

var closingWords = phrasesOf(
	"no thanks", "no thank you", "no, thanks", "no, thank you", "thanks for nothing", "bye", "goodbye", "good bye", "see you", "that's all", "thats all", "that is all", "nothing else", "got it", "never mind", "nevermind", "ok", "okay", "great", "perfect", "cool", "nice",
	"tschüss", "auf wiedersehen", "das war's", "das wars", "nein danke", "au revoir", "c'est tout", "non merci", "adiós", "adios", "eso es todo", "no gracias", "arrivederci", "ciao", "no grazie", "tchau", "só isso", "doei", "tot ziens", "nee bedankt",
	"再见", "再見", "好的", "さようなら", "以上です", "結構です",
)

var thanksWords = phrasesOf(
	"thanks", "thank you", "thank u", "thankyou", "thx", "tnx", "tysm", "ty", "cheers", "much appreciated", "appreciate it", "appreciate your help", "that helped", "that helps", "very helpful",
	"danke", "dankeschön", "vielen dank", "besten dank", "dank dir", "merci", "remercie", "gracias", "agradezco", "grazie", "ringrazio", "obrigado", "obrigada", "valeu", "agradeço",
	"bedankt", "dank je", "dank u", "dankjewel", "dankuwel", "谢谢", "謝謝", "多谢", "多謝", "感谢", "感謝", "ありがとう", "有難う", "助かりました",
)

// thanklessWords turn thanks around, or say that something follows.
var thanklessWords = phrasesOf(
	"no thanks", "no thank you", "no, thanks", "no, thank you", "thanks for nothing", "thank you for nothing", "thanks but", "thanks, but", "thank you but", "thank you, but", "but", "however", "still", "not",
	"doesn't", "didn't", "don't", "isn't", "wasn't", "won't", "can't",
	"nein", "aber", "nicht", "kein", "trotzdem", "non merci", "mais", "pas", "no gracias", "no, gracias", "pero", "sin embargo", "no grazie", "no, grazie", "ma", "però", "non",
	"não", "mas", "nee", "maar", "niet", "不用", "不要", "但是", "可是", "不过", "結構です", "でも", "けど", "しかし",
)
