package sentiment

import (
	"github.com/debrief-dev/debrief/internal/enrich/phrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// Phrases written for this project: what people say to those who should help them, in words that no lexicon rates.
var (
	complaints = phrase.Compile([]string{
		"still|been waiting|stuck|sitting|no|not|nothing|haven't|hasn't|down|broken", "waiting|waited|wait _ hours|hour|hrs|hr|minutes|mins|days|weeks|months|forever|long|on", "on hold", "hung|hang|hangs up", "no one|body answers|answer|answered|responds|response|replied|reply|help|helps|knows|picks|is|was|has|can", "nobody answers|answer|answered|responds|replied|helps|knows|picks|is|was|has|can", "no response|reply|answer|help|explanation|apology|information|info|luck|idea|updates|update", "never|not|didn't|don't|doesn't|won't|can't|cannot|couldn't|isn't|wasn't|aren't|haven't|hasn't _ again|work|works|working|worked|help|helpful|respond|responded|answer|answered|received|arrived|load|loading|open|happy|acceptable|fair|good|true|correct|right|impressed|get|got|care|reach|ok|okay|what|fly|flying",
		"what the hell|heck|fuck", "wtf", "are you kidding|serious|joking", "you've got to be kidding", "come on", "get it together", "do better", "fix this|it|your", "do something", "worst", "waste of", "ruined", "lost my|our|the", "missed|miss _ connection|flight|connecting|meeting|appointment|deadline|because", "cancelled|canceled|cancel", "delayed|delay|delays|late|overbooked", "damaged|broken|missing|stolen", "charged|charge _ twice|extra|me|for", "refund", "ripped off", "rip off", "rude|unprofessional|incompetent|unhelpful|useless|pathetic|ridiculous|unacceptable|joke|disgrace|nightmare|horrible|terrible|awful|disappointed|disappointing|frustrated|frustrating", "how|why is|are|do|does|can|could|would|hard _ it|you|so|not|no", "why can't|won't|don't|doesn't|didn't|isn't|is|are", "third|3rd|second|2nd|fourth|4th|fifth time|day|flight|hour", "times in|already", "so far|much for", "thanks for _ nothing|ruining|losing|making|the|delay|cancelling|canceling|leaving", "last time", "never again", "poor|bad|worst|terrible|horrible|no|lack customer|service|communication|experience|of", "fail", "customer service|support _ is|was|sucks", "sort|get your|this", "wrong again|answer|information|info|one|place|file", "makes|make no sense", "not what i|we", "that's|that is|it's|its not|wrong|incorrect|broken", "doesn't|does|do|did not|n't", "you|it keep|keeps|kept", "same|error|errors|problem|mistake|issue again|answer|thing", "how long|many|much", "seriously", "smh|ugh|grr|argh|meh", "crashed|crashes|crash|crashing|error|errors|bug|bugs|buggy|fails|failed|failing",
		"funktioniert|geht _ nicht", "schlecht|schrecklich|furchtbar|enttäuscht|nervt|mist|scheiße|unmöglich|katastrophe|falsch|ärgerlich", "ne marche|fonctionne pas", "nul|horrible|déçu|déçue|mauvais|mauvaise|inadmissible|honte|merde|faux", "no funciona|sirve|entiendes", "malo|mala|pésimo|terrible|decepcionado|mierda|horrible|incorrecto|vergüenza", "non funziona", "pessimo|orribile|deluso|schifo|sbagliato|vergogna", "não funciona", "péssimo|ruim|horrível|decepcionado|errado", "не работает", "плохо|ужасно|ужас|отстой|разочарован|неправильно|бред", "slecht|waardeloos|teleurgesteld|verschrikkelijk", "źle|okropny|fatalnie|beznadziejny", "dålig|dåligt|hemskt|besviken", "kötü|berbat|rezalet|çalışmıyor", "失望", "糟糕", "太差", "不好用", "垃圾", "生气", "最悪", "ひどい", "だめ", "使えない", "残念", "최악", "실망",
	})
	praise = phrase.Compile([]string{
		"thank|thanks|thx|ty|tysm|thankyou|cheers", "thank you", "much appreciated", "appreciate|appreciated it|that|the|your|you|all", "great|good|nice|awesome|amazing|excellent|fantastic|wonderful|best|super|outstanding|incredible|helpful|lovely job|work|service|flight|crew|experience|help|team|staff|customer|answer|idea|one|people|news|deal|guys|airline|agent", "love|loved|loving it|this|that|you|your|the|my|how|these", "you|u|guys rock|rule|rocks|are _ best|great|awesome|amazing", "you're|youre|your the|awesome|amazing|great|welcome _ best", "made my day|night|week", "works|worked|working now|great|perfectly|fine|well|like", "that|it helped|worked|works|helps", "well done", "keep it up", "so|very|really|super|pretty helpful|happy|pleased|impressed|nice|good|cool|kind|easy|excited|friendly", "can't|cannot|can wait", "looking forward", "shout|shoutout out|to", "kudos|props|bravo|yay|woohoo|hooray|yes|wow|perfect|perfectly|awesome|brilliant|excellent|amazing|fantastic|superb|sweet|congrats|congratulations", "big|huge fan", "five|5|10 stars|star", "exactly what i|we", "problem solved", "all|got it|set sorted|fixed", "happy birthday|friday|with|to", "have a great|good|nice|lovely", "finally working|works|fixed|got",
		"danke|dankeschön|super|toll|prima|klasse|perfekt|wunderbar|großartig", "vielen|besten dank", "merci|parfait|génial|excellent|bravo|magnifique", "gracias|perfecto|genial|excelente|estupendo|fantástico", "grazie|perfetto|ottimo|fantastico|bravissimo", "obrigado|obrigada|perfeito|ótimo|excelente", "спасибо|отлично|супер|здорово|прекрасно|класс", "bedankt|dankjewel|geweldig|perfect", "dziękuję|dzięki|świetnie|super", "tack|toppen|jättebra|perfekt", "teşekkürler|teşekkür|harika|mükemmel|süper", "谢谢", "太好了", "很棒", "不错", "太棒", "完美", "喜欢", "ありがとう", "素晴らしい", "すごい", "嬉しい", "最高", "好き", "助かり", "감사*|고마워*|최고*|좋아*",
	})
	requests = phrase.Compile([]string{
		"can|could|would|will you|i|we|someone|anyone|u", "how|where|when|what|which|who|whom do|does|can|is|are|to|would|should|time|about|did|will|the|s|kind", "is|are|do|does there|it|you|this|that|they|we", "i|we need|want|would|'d|am|have|wanted|was|tried _ to|like|looking|a|wondering|question", "please", "looking|look for|to|into", "any way|chance|idea|update|news|plans|word", "do|does|did|have you|i|we|anyone", "dm|pm|follow|email|call|check|send|see|click|visit|read|join|win|via|rt", "tomorrow|tonight|today|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday",
	})
)

// Words that turn what follows, or make it more or less.
var (
	negations = hashes("not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "hardly", "barely", "cannot", "can't", "cant", "don't", "dont", "doesn't", "doesnt",
		"didn't", "didnt", "isn't", "isnt", "wasn't", "wasnt", "aren't", "arent", "weren't", "won't", "wont", "wouldn't", "wouldnt", "couldn't", "couldnt", "shouldn't", "haven't", "havent", "hasn't", "hasnt", "hadn't", "ain't", "aint", "lack", "lacks")
	intensifiers = hashes("very", "so", "really", "extremely", "absolutely", "completely", "totally", "super", "too", "most", "incredibly", "such", "highly", "fucking", "freaking", "damn", "bloody", "utterly", "especially", "always")
	dampeners    = hashes("slightly", "somewhat", "kinda", "bit", "little", "rather", "quite", "fairly", "almost", "sort", "kind", "maybe", "partly")
	but          = words.Hash("but")
)

func hashes(list ...string) map[uint32]bool {
	m := map[uint32]bool{}
	for _, w := range list {
		m[words.Hash(w)] = true
	}
	return m
}
