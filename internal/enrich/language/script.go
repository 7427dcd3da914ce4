package language

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

type script uint8

const (
	scriptNone script = iota
	scriptLatin
	scriptCyrillic
	scriptArabic
	scriptDevanagari
	scriptHan
	scriptKana
	scriptHangul
	scriptGreek
	scriptHebrew
	scriptBengali
	scriptTamil
	scriptThai
	scriptArmenian
	scriptGeorgian
	scriptGurmukhi
	scriptGujarati
	scriptTelugu
	scriptKannada
	scriptMalayalam
	scriptSinhala
	scriptLao
	scriptBurmese
	scriptKhmer
	scriptAmharic
	scriptCount
)

// only is the language of a script that one of them uses (or nearly only: Bengali letters may be Assamese).
var only = [scriptCount]string{
	scriptHangul: "ko", scriptGreek: "el", scriptHebrew: "he", scriptBengali: "bn", scriptTamil: "ta", scriptThai: "th",
	scriptArmenian: "hy", scriptGeorgian: "ka", scriptGurmukhi: "pa", scriptGujarati: "gu", scriptTelugu: "te",
	scriptKannada: "kn", scriptMalayalam: "ml", scriptSinhala: "si", scriptLao: "lo", scriptBurmese: "my",
	scriptKhmer: "km", scriptAmharic: "am",
}

const familyCount = 4

// family is the index of the script's model, -1 if it needs none.
func (s script) family() int {
	if s >= scriptLatin && s <= scriptDevanagari {
		return int(s - scriptLatin)
	}
	return -1
}

// scriptOf goes by Unicode's blocks (Blocks.txt of Unicode 15); marks belong to the block of their letters.
func scriptOf(r rune) script {
	switch {
	case r < 0x41:
		return scriptNone
	case r < 0x250:
		if r < 0x80 {
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				return scriptLatin
			}
			return scriptNone
		}
		if r >= 0xC0 && r != 0xD7 && r != 0xF7 {
			return scriptLatin
		}
		return scriptNone
	case r >= 0x370 && r < 0x400, r >= 0x1F00 && r < 0x2000:
		return scriptGreek
	case r >= 0x400 && r < 0x530:
		return scriptCyrillic
	case r >= 0x531 && r < 0x590:
		return scriptArmenian
	case r >= 0x590 && r < 0x600:
		return scriptHebrew
	case r >= 0x600 && r < 0x700:
		if r >= 0x620 && r < 0x660 || r > 0x66E && r != 0x6D4 && !(r >= 0x6F0 && r <= 0x6F9) {
			return scriptArabic
		}
		return scriptNone // punctuation, digits
	case r >= 0x750 && r < 0x780, r >= 0xFB50 && r < 0xFE00, r >= 0xFE70 && r < 0xFEFF:
		return scriptArabic
	case r >= 0x900 && r < 0x980:
		if r == 0x964 || r == 0x965 || r >= 0x966 && r <= 0x96F {
			return scriptNone
		}
		return scriptDevanagari
	case r >= 0x980 && r < 0x1100:
		return indic(r)
	case r >= 0x1100 && r < 0x1200, r >= 0xAC00 && r < 0xD7B0, r >= 0x3130 && r < 0x3190:
		return scriptHangul
	case r >= 0x1200 && r < 0x13A0:
		return scriptAmharic
	case r >= 0x1780 && r < 0x1800:
		return scriptKhmer
	case r >= 0x1E00 && r < 0x1F00, r >= 0xFF21 && r <= 0xFF5A && unicode.IsLetter(r):
		return scriptLatin
	case r >= 0x3041 && r < 0x3100 && r != 0x30FB, r >= 0x31F0 && r < 0x3200, r >= 0xFF66 && r < 0xFFA0:
		return scriptKana
	case r >= 0x3400 && r < 0x4DC0, r >= 0x4E00 && r < 0xA000, r >= 0xF900 && r < 0xFB00, r >= 0x20000 && r < 0x32000, r == '々':
		return scriptHan
	}
	return scriptNone
}

// blocks of 128 code points from U+0980.
var indicBlocks = [...]script{
	scriptBengali, scriptGurmukhi, scriptGujarati, scriptNone, scriptTamil, scriptTelugu, scriptKannada,
	scriptMalayalam, scriptSinhala, scriptThai, scriptLao, scriptNone, scriptNone, scriptBurmese, scriptGeorgian,
}

func indic(r rune) script {
	if i := int(r-0x980) / 0x80; i < len(indicBlocks) {
		if s := indicBlocks[i]; s != scriptBurmese || r < 0x10A0 {
			return s
		}
		return scriptGeorgian
	}
	return scriptNone
}

// onlyJapanese: forms that Chinese does not write (shinjitai and kokuji), the most frequent ones.
func onlyJapanese(r rune) bool {
	switch r {
	case '々', '込', '働', '畑', '峠', '円', '図', '対', '変', '広', '応', '気', '発', '県', '覚', '読', '転', '関', '駅', '実', '売', '楽', '歩', '検', '様', '両', '価', '仮', '渋', '沢', '浜', '済', '焼', '絵', '経', '続', '総', '芸', '訳', '黒', '帰', '聴', '歳', '竜', '処', '択', '効', '栄', '営', '団', '囲':
		return true
	}
	return false
}

// words are the runs of letters of a text until limit letters were seen, without the words of links, addresses of
// mail, mentions and anything with digits or signs of code in it, which say nothing of the language.
func words(text string, limit int) iter.Seq[string] {
	return func(yield func(string) bool) {
		letters := 0
		for i := 0; i < len(text) && letters < limit; {
			start, mixed := i, false
			// A token is what stands between spaces.
			for i < len(text) {
				c := text[i]
				if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
					break
				}
				if c == '@' || c == '_' || c == '\\' || c == ':' && i+2 < len(text) && text[i+1] == '/' && text[i+2] == '/' {
					mixed = true
				}
				i++
			}
			token := text[start:i]
			i++
			if mixed {
				continue
			}
			n, ok := runs(token, limit-letters, yield)
			letters += n
			if !ok {
				return
			}
		}
	}
}

// runs gives the runs of letters in a token, at most limit letters of it.
func runs(token string, limit int, yield func(string) bool) (letters int, ok bool) {
	start := -1
	for i, r := range token {
		in := r >= 0x80 && (scriptOf(r) != scriptNone || unicode.IsMark(r)) || r|0x20 >= 'a' && r|0x20 <= 'z'
		if in {
			if start < 0 {
				start = i
			}
			if letters++; letters < limit {
				continue
			}
			return letters, yield(token[start : i+utf8.RuneLen(r)])
		}
		if start >= 0 {
			if !yield(token[start:i]) {
				return letters, false
			}
			start = -1
		}
	}
	if start >= 0 {
		return letters, yield(token[start:])
	}
	return letters, true
}
